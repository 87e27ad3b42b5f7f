# 0.7 GB live at GOGC 100, 60, 40: peaks of 1.40, 1.12, 0.98 GB, each 1.8, 1.08, 0.72 s.
gclog LIVE=700 RATE=389 MARK=0 RUNWAY=0 >f
prof gc --what-if gogc=60,40 f
echo
# A limit, and one that is too small; none at all.
gclog LIVE=100 RATE=200 | prof gc --what-if gogc=50,off+gomemlimit=150MiB,90MiB,off - | sed -n '/^setting/,/^the same/p'
echo
prof gc --what-if gogc=50 --what-if gogc=50+gomemlimit=180MiB $TESTDATA/gcpace.gogc100.log | sed -n '/^setting/,/^the same/p'
prof gc --json --what-if gogc=50 $TESTDATA/gcpace.gogc100.log | json what_if what_if.0 what_if.6 what_if.7
