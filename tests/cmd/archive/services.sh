# More services than there is memory for at a time: they are let go of, and come back.
mkdir nights
for night in 1 2 3; do
	for ((i = 0; i < 150; i++)); do
		printf 'main;a%d;b%d %d\nmain;c%d 1\n' $i $night $((i + night)) $night >nights/$night.s$i.folded
	done
done
for memory in 4G 2M; do
	prof archive add -q --limit memory=$memory --labels-from='(?P<service>s[0-9]+)' n$memory.db nights
	prof archive verify n$memory.db
	prof sql n$memory.db "SELECT count(*) AS services, sum(profiles) AS profiles FROM service"
	prof sql n$memory.db "SELECT source, service, value FROM profiles JOIN totals ON profile = id ORDER BY source" >rows$memory
	prof top n$memory.db:service=s77 | tail -5
done
cmp rows4G rows2M && echo same
prof archive add -q --limit memory=2M --labels-from='(?P<service>s[0-9]+)' n4G.db nights
