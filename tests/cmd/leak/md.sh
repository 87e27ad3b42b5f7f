prof leak --md testdata/leaky.goroutine.t[0-3].pb.gz
