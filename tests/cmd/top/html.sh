# Any report is a page, too.
prof top --html -n 3 $TESTDATA/checkout.after.cpu.pb.gz >out.html
xmllint --noout --nonet out.html && echo well-formed
sed -n '/<\/style>/,/<script>/p' out.html | sed -n '/<header/,$p'
prof tree -o out.html -n 2 $TESTDATA/checkout.after.cpu.pb.gz && xmllint --noout --nonet out.html && grep -c 'calls%' out.html
prof tags --html $TESTDATA/leaky.goroutine.t3.pb.gz | xmllint --noout - && echo well-formed
prof info --html $TESTDATA/leaky.goroutine.t3.pb.gz | xmllint --noout - && echo well-formed
prof top --svg $TESTDATA/checkout.after.cpu.pb.gz; echo "$?"
