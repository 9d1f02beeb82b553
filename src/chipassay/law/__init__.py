"""Export law as data and text. Thin for now: US rules, exports to China and Macau."""
