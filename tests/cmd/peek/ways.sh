f=$TESTDATA/contend.mutex.pb.gz
prof peek Unlock $f >want
while read -r args; do
	prof $args >got && cmp want got && echo "same: prof ${args/$f/FILE}"
done <<END
-peek=Unlock $f
--peek=Unlock -flat $f
-peek Unlock $f
-flat -peek=Unlock $f
END
prof peek --cum=false Unlock $f | cmp - want
