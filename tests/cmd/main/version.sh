prof --version
prof -version
prof --list-cmds | while read -r cmd; do eval "prof $cmd --version"; done
profdiff --version
