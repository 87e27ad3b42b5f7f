cat >perf.folded <<'END'
swapper;start_kernel_[k];cpu_idle_[k] 12
node;uv_run;uv__io_poll;epoll_pwait_[k] 3
node;uv_run;uv__io_poll;epoll_pwait_[k] 4.5
java;Main.run_[j];List.add_[i];Array.grow 2
END
prof convert -o perf.pb.gz perf.folded
prof raw perf.pb.gz
prof top perf.folded
prof convert --to=folded perf.pb.gz
prof convert --to=folded --inline-marks perf.pb.gz | tail -n 3
echo == what is no stack
{ cat perf.folded; echo oops; echo '# fine'; } | prof convert --to=json - | json comments.0
printf 'a;b 1 2\nc;d 3 4\n' | prof convert --to=csv -; echo "$?"
prof info perf.folded
