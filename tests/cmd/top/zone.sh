# "Time:" is the only place where the zone shows.
f=$TESTDATA/checkout.before.cpu.pb.gz
TZ=America/New_York prof top -n 1 $f | diff <(TZ=UTC prof top -n 1 $f) -
TZ=Asia/Kolkata prof top --json $f | cmp - <(prof top --json $f)
