# A picture of a small profile, as it is drawn where no script runs, and without what it brings along.
printf '%s\n' 'main.main;main.work;net/http.(*conn).serve 30' 'main.main;main.work;net/http.(*conn).serve;main.handle_[i] 20' \
	'main.main;main.work 10' 'main.main;sort.Slice[go.shape.int] 5' 'runtime.mcall;runtime.park_m 3' >stacks
prof flame --title='a small profile' --width=600 -o got.svg stacks
xmllint --noout got.svg
sed -e '/<style>/,/<\/style>/d' -e '/<script/,/<\/script>/d' got.svg
