# A format's own option is told of where the command has the format; names of several bytes a character stay in their column.
for c in sql 'archive ls' top graph; do echo "$c:"; prof $c -h | grep 'same as --format'; prof $c --list-opts | grep -xE -e '--(json|md|html|svg)' | tr '\n' ' '; echo; done
prof sql --html n.db; echo "status $?"
prof archive add -h | grep -A 1 -e '--profile'
