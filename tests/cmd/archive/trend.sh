# Forty nights, a build every other night; parse costs more from the 21st on, and render is renamed.
for ((i = 0; i < 40; i++)); do
	parse=$((200 + i % 5 + (i >= 20) * 60)) name=render
	[ $i -lt 30 ] || name=draw
	printf 'main;parse %d\nmain;send %d\nmain;%s %d\nmain;a %d\nmain;b %d\n' $parse $((300 + i * 7 % 11)) \
		$name $((150 + i * 3 % 7)) $((400 + i % 7)) $((500 - i % 3)) >x.folded
	prof archive add -q --time $((1767225600 + i * 86400)) -l rev=r$((i / 2)) -l service=shop n.db x.folded >/dev/null
done
prof archive trend n.db
prof archive trend --func='^parse$' n.db | head -9
prof archive trend --func='^send$' --since=5d n.db
prof archive trend --func='^parse$' --format=csv n.db since=2d
prof archive trend --func='^parse$' --json n.db since=1d
prof archive trend --func='^parse$' -o chart.svg n.db && xmllint --noout chart.svg && grep -c step chart.svg
prof archive trend --func='^parse$' --format=svg --sparkline n.db | xmllint --noout - && echo well-formed
for o in --all --func=parse --sparkline --format=svg --package=x --func='('; do prof archive trend --all $o n.db >/dev/null; echo "$o: $?"; done
prof archive add -q n.db testdata/contend.{block,mutex}.pb.gz >/dev/null
prof archive trend n.db; echo "status $?"
prof archive trend --service=contend n.db; echo "status $?"
prof archive trend --service=nosuch n.db; echo "status $?"
prof archive trend --func=nosuch n.db service=shop,since=2d; echo "status $?"
prof archive trend --func='^parse$' --json n.db service=shop | grep '"steps"' | sed 's|"p": [^,]*|"p": P|'
