# Not to a terminal; elsewhere, standard output does.
f=testdata/contend.mutex.pb.gz
perl -MIO::Handle -e 'use POSIX; open my $m, "+<", "/dev/ptmx" or exit 0; exit 0 unless eval { require IO::Pty }; ' 
script -qec "prof convert --to=pprof $f" /dev/null </dev/null | tr -d '\r'
script -qec "prof convert --to=folded $f" /dev/null </dev/null | tr -d '\r' | head -n 1
