# Sourced by the scripts: make .venv hold this project and what it needs. Usage: set_up EXTRA
# Done once; again only when pyproject.toml or constraints.txt changed.

fail() { printf 'chipassay set-up: %s\n' "$1" >&2; exit 2; }

set_up() {
    extra=$1
    stamp="$root/.venv/.chipassay-$extra"
    wanted=$(cat "$root/pyproject.toml" "$root/constraints.txt" | cksum)
    [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && return
    python=${CHIPASSAY_PYTHON:-python3}
    log="$root/.venv/set-up.log"
    if command -v uv >/dev/null 2>&1 && [ "${CHIPASSAY_NO_UV:-}" = "" ]; then
        [ -x "$root/.venv/bin/python" ] || uv venv --quiet --python "$python" "$root/.venv" \
            || fail "uv could not make $root/.venv"
        printf 'chipassay: setting up with uv, once …\n' >&2
        uv pip install --quiet --python "$root/.venv/bin/python" --require-hashes \
            -r "$root/constraints.txt" >"$log" 2>&1 &&
        uv pip install --quiet --python "$root/.venv/bin/python" --no-deps --no-build-isolation \
            -e "$root" >>"$log" 2>&1 || { tail -5 "$log" >&2; fail "installing failed; see $log"; }
    else
        command -v "$python" >/dev/null 2>&1 || fail "python3 is missing; on Debian: apt install python3 python3-venv"
        "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
            || fail "$python is $("$python" -V); Python 3.11, 3.12 or 3.13 is needed (set CHIPASSAY_PYTHON)"
        [ -x "$root/.venv/bin/python" ] || "$python" -m venv "$root/.venv" >/dev/null 2>&1 || {
            rm -rf "$root/.venv"
            fail "the package python3-venv is missing; on Debian: apt install python3-venv"
        }
        printf 'chipassay: setting up, once; this takes a minute …\n' >&2
        { "$root/.venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes \
              -r "$root/constraints.txt" &&
          "$root/.venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps \
              --no-build-isolation -e "$root"; } >"$log" 2>&1 \
            || { tail -5 "$log" >&2; fail "installing failed; see $log"; }
    fi
    printf '%s' "$wanted" >"$stamp"
}
