# What changed: grown, shrunk, on one side only, no more than noise (all counts here are exact).
printf '%s\n' 'main.main;same 100' 'main.main;grown 100' 'main.main;shrunk 100' 'main.main;gone;with;it 40' >old
printf '%s\n' 'main.main;same 100' 'main.main;grown 150' 'main.main;shrunk 10' 'main.main;new 30' >new
plain() {
	sed -e '/<style>/,/<\/style>/d' -e '/<script/,/<\/script>/d' -e '/<defs>/,/<\/defs>/d' "$1"
}
prof flame --title=t --width=500 --inverted -o got.svg --diff_base=old new
xmllint --noout got.svg
plain got.svg
for of in old larger; do
	echo "widths: $of, shares"
	prof flame --title=t --width=500 --normalize --width_of=$of -o got.svg --diff_base=old new
	plain got.svg | grep -E '^<rect class="[und]|<text class="sub"'
done
