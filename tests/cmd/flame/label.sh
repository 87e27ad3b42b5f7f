# Names in boxes too narrow for them: without the package's path, type arguments, package, receiver.
name='example.org/some/module/pkg.(*Type[go.shape.struct{a/b.c}]).Method.func1'
for width in 700 520 420 300 200 140 100 60 50 40 20; do
	printf '%s\n' "a;$name $width" "a;zzz $((1000 - width))" >stacks
	echo "$width: $(prof flame --width=1020 stacks | sed -n '/title>example/{n;n;s/.*<\/rect>//;s/<[^>]*>//gp}')"
done
