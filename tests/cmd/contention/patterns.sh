# The user's patterns come first; what is wrong with them is told with its line.
f=testdata/contend
cat >mine <<'END'
# ours
idle select site ^main\.produce$  # makes things up
contention any stack ^runtime\.traceStartReadCPU
END
prof contention --idle-patterns=mine --idle $f.block.t1.pb.gz
prof contention --idle-patterns=mine --json $f.block.t1.pb.gz | grep -c 'makes things up'
for line in 'busy any site x' 'idle waiting site x' 'idle any here x' 'idle any site' 'idle any site ('; do
	printf '\n%s\n' "$line" >wrong
	prof contention --idle-patterns=wrong $f.block.t1.pb.gz
	echo "status $?"
done
prof contention --idle-patterns=missing $f.block.t1.pb.gz
echo "status $?"
