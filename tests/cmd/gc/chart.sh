# Pictures and pages are XML, bring all along, and hold nothing of a name as markup.
name='a<b>&"c".log'
cp $TESTDATA/gcpace.limit.log "$name"
for f in svg html; do
	prof gc -o out.$f "$name"; echo "$f $?"
	sed '/^<!DOCTYPE/d' out.$f | xmllint --noout - && echo well-formed
	grep -c 'a<b>' out.$f
	grep -oE '(href|src|url|@import)[=(][^ ]*' out.$f
done
grep -o '<text class="title"[^/]*' out.svg
grep -oE '<(h1|p class="about")>[^<]*' out.html
grep -oE '<path class="(size|goal|trigger|limit|first|second|cpu|assists|marking)"' out.svg | sort | uniq -c
# Many cycles are thinned; extremes stay.
gclog CYCLES=20000 RATE=100000 | awk 'NR == 7777 {sub(/0.01\+/, "33+")} {print}' >many
prof gc -o many.svg many
grep -o '[0-9]* of 20000 cycles are drawn[^<]*' many.svg
prof gc many | grep -o 'max 33ms'
grep -c '40ms' many.svg
test $(wc -c <many.svg) -lt 1000000 && echo small
prof gc -o out.html $TESTDATA/gc.trace && grep -oE '"cycle [^"]*' out.html
