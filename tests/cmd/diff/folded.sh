# Two values a stack, what flamegraph.pl takes: those of the files.
printf 'a;b 10\na;c 5\n' >old; printf 'a;b 30\na;d 1\n' >new
profdiff --folded old new
profdiff --folded old old --new new
profdiff --format=folded old new
profdiff --folded --focus=b --fail-on 'total>3%' old new; echo "$?"
profdiff -o x.folded old new && cat x.folded
printf 'a;b 20\na;c 10\n' >twice
echo "== shares: the new values are scaled to the old total"
profdiff --folded --normalize old twice
profdiff --folded --normalize old new
profdiff -n 0 --folded $TESTDATA/checkout.before.cpu.pb.gz $TESTDATA/checkout.after.cpu.pb.gz | tail -n 2
