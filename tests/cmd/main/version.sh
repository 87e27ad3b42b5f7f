prof --version
prof -version
for cmd in $(prof --list-cmds); do prof "$cmd" --version; done
profdiff --version
