# Times are UTC whatever the zone.
f=$TESTDATA/contend.mutex.pb.gz
TZ=Asia/Tokyo prof info $f | diff - <(prof info $f) && echo same
TZ=Asia/Tokyo prof info --json $f | diff - <(prof info --json $f) && echo same
