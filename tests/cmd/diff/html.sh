# One page: what was compared, the table, the flame graph. Scripts and styles are libprof/render/web's.
a=$TESTDATA/checkout.before.cpu.pb.gz b=$TESTDATA/checkout.after.cpu.pb.gz
profdiff --html -n 5 -o out.html $a $b
xmllint --noout --nonet out.html && echo well-formed
sed -n '/<\/style>/,/<section class="flame"/p' out.html | sed -n '/<header/,$p'
grep -c '<script' out.html
grep -oE '(href|src|url)[=(]["#][^" )]*' out.html | sort -u
profdiff -o named.html -n 5 $a $b && cmp named.html out.html && echo same
profdiff --html $a $b | grep -c '^<tr><td'
profdiff --html --normalize --by=package --focus=json $a $b | xmllint --noout - && echo well-formed
profdiff --html --cum $a $b | grep -A1 -m1 '<tbody>' | sed 's/<[^>]*>/ /g'
profdiff --html --ops 1,1 $a $a --new $b $b | xmllint --noout - && echo well-formed
profdiff --svg --pairs $TESTDATA/leaky.heap.t0.pb.gz $TESTDATA/leaky.heap.t3.pb.gz --new $TESTDATA/leaky.heap.t0.pb.gz $TESTDATA/leaky.heap.t3.pb.gz | xmllint --noout - && echo well-formed
profdiff --svg -o out.svg $a $b && xmllint --noout --nonet out.svg && echo well-formed
prof flame --diff_base=$a $b | cmp - out.svg && echo as of prof flame
profdiff --html - $b <$a; echo "$?"
profdiff --html $a no/such/file; echo "$?"
profdiff --html $a $b >/dev/full; echo "$?"
profdiff --html -o no/such/folder/out.html $a $b; echo "$?"
# Nothing in a name is markup.
wire '1{1:1 2:2}' '2{1[1 2] 2[7]}' '2{1[2] 2[9]}' '4{1:1 4{1:1}}' '4{1:2 4{1:2}}' '5{1:1 2:3}' '5{1:2 2:4}' '6""' \
	'6"<b>&\"cpu"' '6"n<s>"' '6"<script>alert(1)</script>\"'\''\x00\xff"' '6"]]></script>&lt;"' >hostile
profdiff --html hostile hostile >hostile.html; echo "$?"
xmllint --noout --nonet hostile.html && echo well-formed
grep -c '<script>alert\|<s>\|<b>' hostile.html
profdiff -n -1 --html hostile hostile | sed -n '/<tbody>/,/<\/tbody>/p'
