# `help X` is `X -h`, and every command answers; what -h says is held against the man page in tests/lint.
for cmd in $(prof --list-cmds); do
	prof "$cmd" -h | head -1
	prof "$cmd" --help >long && prof help "$cmd" >help && prof "$cmd" -h | cmp - long && cmp long help
done
profdiff -h | head -1
