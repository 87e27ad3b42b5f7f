# The picture without what fonts and graphviz's version decide.
prof graph -o out.svg -n 6 $TESTDATA/checkout.after.cpu.pb.gz
xmllint --noout --nonet out.svg && echo well-formed
sed -E 's/ (points|d|x|y|width|height|viewBox|transform)="[^"]*"//g' out.svg | grep -E '<title>|<text|fill="#'
grep -c 'id="node1"' out.svg
grep -o 'id="[^"]*" class="edge"' out.svg
grep -cE '(href|src)=|https?:' out.svg # names of namespaces, and the legend's
prof -svg -n 6 $TESTDATA/checkout.after.cpu.pb.gz | cmp - out.svg && echo same
prof -svg -n 2 $TESTDATA/checkout.after.cpu.pb.gz >/dev/full; echo "$?"
prof -svg -n 2 $TESTDATA/checkout.after.cpu.pb.gz | true; echo "${PIPESTATUS[0]}"
prof -svg -o no/such/folder/out.svg $TESTDATA/contend.mutex.pb.gz; echo "$?"
prof -svg --diff_base=$TESTDATA/contend.mutex.pb.gz $TESTDATA/contend.mutex.pb.gz | xmllint --noout - && echo well-formed
