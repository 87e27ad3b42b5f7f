# Cut inside a message: an error. Between two messages protobuf cannot tell; what is missing then is
# mostly missed by somebody. Never a crash, and one line at most.
wire profile >f
size=$(stat -c %s f) reports=0 errors=0
for ((n = 1; n < size; n++)); do
	head -c $n f >part
	prof top part >out 2>err
	case $? in
	0) reports=$((reports + 1)); [ -s out ] && [ ! -s err ] || echo "at $n: no report" ;;
	1) errors=$((errors + 1)); [ ! -s out ] && [ "$(wc -l <err)" = 1 ] || echo "at $n: not one line" ;;
	*) echo "at $n: status $?"; cat err ;;
	esac
done
echo "$size bytes"
head -c 5 f >part; prof top part
head -c 9 f >part; prof top part
head -c 60 f >part; prof top part; echo "$?"
