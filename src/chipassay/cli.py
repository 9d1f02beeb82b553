"""The command line: words to a question, one call, a view. No arithmetic, no law, no chip names.

Commands and options are made from the fields of `Question`, and only when a command is used: the
top-level `--help` imports neither pydantic nor numpy.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from chipassay import errors
from chipassay.errors import ChipassayError, QuestionError, UnknownNameError, shown

if TYPE_CHECKING:
    from chipassay.records.answer import Answer

COMMANDS = {
    "chips": "The catalogue, one line a chip.",
    "show": "Every figure of a chip, with unit, basis, source and rival values.",
    "compare": "Chips side by side, with ratios to the first.",
    "assay": "The whole answer: may it ship, what can it do, what binds.",
    "serve": "A model served by so many chips: latency, throughput, memory, what binds.",
    "ship": "May it be shipped: the ruling of a day, and its derivation.",
    "check": "An article's claims, each with a verdict and its evidence.",
    "train": "A training run: step time, memory, days, energy, money, and the plan.",
    "validate": "Predictions beside measured rows, with the errors.",
    "web": "The pages, on this machine only.",
}
REFUSED, MALFORMED = 1, 2


class Commands(click.Group):
    """The commands by name; each is built when it is first needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """In the order a newcomer needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command's name and sentence, for the list of commands."""
        help_ = COMMANDS[cmd_name]
        return click.Command(cmd_name, help=help_, short_help=help_)

    def resolve_command(
        self,
        ctx: click.Context,  # noqa: ARG002
        args: list[str],
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command to run, with all its options; suggestions for a near miss."""
        name = args[0]
        if name not in COMMANDS:
            raise UnknownNameError("command", name, COMMANDS, hint="see `chipassay --help`")
        return name, _command(name), args[1:]


@click.group(cls=Commands, no_args_is_help=True, context_settings={"max_content_width": 100})
@click.version_option(package_name="chipassay", message="%(prog)s %(version)s")
def cli() -> None:
    """What can an AI chip under export control do, and may it be shipped?

    Every figure has a source (--why shows it), every prediction a band, every ruling a date.
    Not legal advice.
    """


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run one command and leave with its exit code; a malformed question is one line and code 2."""
    try:
        code = cli.main(arguments, standalone_mode=False)
        sys.stdout.flush()
    except (click.exceptions.Exit, SystemExit) as leaving:
        code = getattr(leaving, "exit_code", getattr(leaving, "code", 0))
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        code = MALFORMED
    except click.ClickException as error:
        _complain(_click_message(error))
        code = MALFORMED
    except ChipassayError as error:
        _complain(str(error))
        code = MALFORMED
    except (KeyboardInterrupt, click.Abort):
        _complain("stopped")
        code = 130
    except BrokenPipeError:
        # The reader went away (`chipassay chips | head`): nothing is wrong here.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code or 0)


def _command(task: str) -> click.Command:
    """A command whose arguments and options are the question's fields for this task."""
    if task == "web":
        return _web()
    from chipassay.records.question import Question, field_extra

    parameters: list[click.Parameter] = []
    for name, field in Question.model_fields.items():
        extra = field_extra(name)
        if name != "task" and task in extra["tasks"]:
            spelled = {**extra, "word": extra["word"] and task not in extra["option"]}
            default = None if task in extra["option"] else field.default
            parameters.append(_parameter(name, field.description or "", spelled, default))
    parameters += _views(task)
    return click.Command(task, params=parameters, callback=_answer(task), help=COMMANDS[task])


def _web() -> click.Command:
    """The command that serves the pages; the room beside this one is imported by name."""

    def run(port: int | None) -> None:
        try:
            server = import_module("chipassay.web.server")
        except ModuleNotFoundError as error:
            if (error.name or "").startswith("chipassay"):
                raise
            hint = "install chipassay[web]"
            what = f"{error.name} is not installed"
            raise errors.MissingPartError(what, where="web", hint=hint) from None
        server.serve(port)

    help_ = "where to listen on 127.0.0.1; 0 takes a free port [default: 8377]"
    port = click.Option(["--port"], type=int, metavar="P", help=help_)
    return click.Command("web", params=[port], callback=run, help=COMMANDS["web"])


def _parameter(name: str, help_: str, extra: dict[str, Any], default: Any) -> click.Parameter:
    metavar = extra["metavar"] or name.upper()
    if extra["word"]:
        many = -1 if isinstance(default, tuple) else 1
        return click.Argument([name], nargs=many, required=False, metavar=metavar)
    if isinstance(default, bool):
        return click.Option([_dashed(name), name], is_flag=True, help=help_)
    many = isinstance(default, (tuple, dict))
    return click.Option([_dashed(name), name], multiple=many, metavar=metavar, help=help_)


def _dashed(name: str) -> str:
    return "--" + name.rstrip("_").replace("_", "-")


def _views(task: str) -> list[click.Parameter]:
    views: list[click.Parameter] = [
        click.Option(["--json", "as_json"], is_flag=True, help="the stable machine form"),
        click.Option(["--why"], is_flag=True, help="the derivation, each leaf with its source"),
    ]
    if task in ("compare", "assay", "ship", "serve", "train"):
        drawn = {"ship": "the limits and the chips", "serve": "frontier, or run over time,"}
        drawn["train"] = "a step's pipeline, time and memory, or how it scales"
        help_ = f"draw {drawn.get(task, 'the rooflines')} into FILE (.svg or .png)"
        help_ += "; .json: a Chrome trace of the run" if task in ("serve", "train") else ""
        views.append(click.Option(["--plot"], metavar="FILE", help=help_))
    if task == "check":
        from chipassay.views.claims_files import FILES

        views += [click.Option([f"--{n}"], metavar="FILE", help=h) for n, h in FILES.items()]
    return views


def _answer(task: str) -> Callable[..., None]:
    def run(*, as_json: bool, why: bool, plot: str | None = None, **words: Any) -> None:
        from chipassay.claims.door import ask
        from chipassay.records.question import decode

        files = {key: words.pop(key, None) for key in ("report", "reviews", "annotations")}
        given = {key: value for key, value in words.items() if value not in (None, (), False)}
        if "but" in given:
            given["but"] = _what_ifs(given["but"])
        answer = ask(decode({"task": task, **given}))
        if plot:
            _draw(answer, Path(plot))
        if any(files.values()):
            from chipassay.views.claims_files import write_files

            write_files(answer, files)
        _print(answer, as_json=as_json, why=why)
        if answer.refusal:
            raise click.exceptions.Exit(REFUSED)

    return run


def _what_ifs(written: tuple[str, ...]) -> dict[str, str]:
    """`CHIP.FIELD=VALUE` words as a table."""
    found: dict[str, str] = {}
    for each in written:
        path, equals, value = each.partition("=")
        where = f"--but {each}"
        if not equals or not path.strip() or not value.strip():
            hint = "write CHIP.FIELD=VALUE, as in h20.memory_bandwidth=5TB/s"
            raise QuestionError(f"{shown(each)} is no what-if", where="--but", hint=hint)
        if path.strip() in found:
            raise QuestionError("the figure is set twice", where=where, hint="keep one")
        found[path.strip()] = value.strip()
    return found


def _draw(answer: Answer, path: Path) -> None:
    if answer.question.task == "ship":
        from chipassay.inquiry.law_picture import law_picture
        from chipassay.views.law_plot import write_law

        write_law(law_picture(answer), path)
        return
    if answer.question.task == "serve":
        from chipassay.views.load_draw import draw

        draw(answer, path)
        return
    if answer.question.task == "train":
        from chipassay.views.train_draw import draw_training

        draw_training(answer, path)
        return
    from chipassay.inquiry.picture import rooflines
    from chipassay.views.plot import write_rooflines

    write_rooflines(rooflines(answer), path)


def _print(answer: Answer, *, as_json: bool, why: bool) -> None:
    if as_json:
        click.echo(json.dumps(answer.as_json(), ensure_ascii=False, indent=2, allow_nan=False))
        return
    from chipassay.views.text import render

    render(answer, why=why)


def _click_message(error: click.ClickException) -> str:
    """click's complaint in our form: where, what; what to try."""
    context = getattr(error, "ctx", None)
    where = context.info_name if context is not None and context.parent is not None else ""
    hint = f"see `chipassay {where} --help`" if where else "see `chipassay --help`"
    what = error.format_message().rstrip(".")
    return str(QuestionError(what[:1].lower() + what[1:], where=where or "", hint=hint))


def _complain(message: str) -> None:
    line = f"chipassay: {message}"
    click.echo(line.encode("utf-8", "backslashreplace").decode(), err=True)
