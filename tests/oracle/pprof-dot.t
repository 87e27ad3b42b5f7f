# prof graph writes what `go tool pprof -dot` of the same files and options writes, byte for byte: over
# all profiles of testdata and $PACKS, with options by chance (the same ones each time; CASES=N for more).
# $GO is Go's command, whose pprof is built once. What pprof itself writes differently each time, for its
# order of equals is by chance, has to be the same lines in any order, by any number; so do call trees,
# where equals are many and their order is that of Go's sorting.
use strict;
use warnings;
use File::Find qw(find);
use File::Path qw(make_path);
use Test::More;

my $scratch = "$ENV{SCRATCH}/pprof-dot";

make_path($scratch);
system("'$ENV{GO}' build -o '$scratch/pprof' cmd/pprof") == 0 or die "$ENV{GO} builds no pprof\n";
srand(4);

sub one_of { return $_[rand @_] }
sub chance { return rand() < $_[0] }

my @files;
find({no_chdir => 1, wanted => sub { push @files, $_ if /\.pb\.gz$/ && -s $_ < 1 << 20 }},
	'testdata', grep { -d } map { "$ENV{PACKS}/$_" } $ENV{PACKS} ? qw(captures nightly) : ());
# Not those with labels that pprof would have to escape, and does not.
@files = sort grep { qx('$ENV{PROF}' tags '$_' 2>/dev/null) !~ /["\\]/ } @files;

# Of one kind, so that one can be the base of the other.
sub kin
{
	my ($file) = @_;
	my ($kind) = $file =~ /\b(cpu|heap|allocs|mutex|block|goroutine)\b/ or return $file;

	return one_of(grep { /\b$kind\b/ } @files);
}

sub options
{
	my ($file) = @_;
	my @o;
	my %options = (
		'' => [0.5, map { "-$_" } qw(functions filefunctions files lines addresses)],
		'-nodecount=' => [0.5, 0, 1, 3, 10, 30, 80, 200],
		'-nodefraction=' => [0.4, 0, 0.001, 0.01, 0.05, 0.2],
		'-edgefraction=' => [0.4, 0, 0.001, 0.01, 0.05],
		'-focus=' => [0.2, qw(runtime main json o\. net)],
		'-ignore=' => [0.1, qw(runtime main json)],
		'-hide=' => [0.1, qw(runtime mallocgc json)],
		'-unit=' => [0.15, qw(ms MB kB auto s)],
		'-divide_by=' => [0.05, 2, 7, 0.5],
		'-sample_index=' => [0.3, 0, 1],
		'-tagroot=' => [0.05, qw(endpoint tenant bytes)],
		'-taghide=' => [0.05, qw(. bytes)],
	);
	my %flags = (call_tree => 0.2, noinlines => 0.2, drop_negative => 0.15, mean => 0.1,
		relative_percentages => 0.1, 'trim=false' => 0.05);

	for my $name (sort keys %options) {
		my ($often, @values) = @{$options{$name}};

		push @o, $name . one_of(@values) if chance($often);
	}
	push @o, map { chance($flags{$_}) ? "-$_" : () } sort keys %flags;
	push @o, one_of('-base=', '-diff_base=') . kin($file) if chance(0.35);
	return @o;
}

sub output
{
	my ($program, @args) = @_;
	my $quoted = join ' ', map { "'$_'" } @args;

	return scalar qx($program -symbolize=none -dot $quoted 2>/dev/null);
}

# Arrows to N0, a node that is not there, are a fault of pprof's.
sub pprof { return join '', grep { !/^N\d+ -> N0 / } split /^/, output("'$scratch/pprof'", @_) }

sub in_any_order
{
	return join '', sort map { s/\bN{1,2}\d+(_\d+)*\b/N/g; s/"node\d+"/node/; $_ } split /^/, $_[0];
}

# Whether pprof writes the same each time.
sub is_stable
{
	my ($first, @args) = @_;

	for (1 .. 10) {
		return 0 if pprof(@args) ne $first;
	}
	return 1;
}

my ($same, $alike, @wrong) = (0, 0);
for (1 .. $ENV{CASES} || 200) {
	my $file = one_of(@files);
	my @args = (options($file), $file);
	my ($want, $got) = (pprof(@args), output("'$ENV{PROF}'", @args));

	if ($want eq $got) {
		$same++;
	} elsif (in_any_order($want) eq in_any_order($got)
			? grep({ /call_tree/ } @args) || !is_stable($want, @args)
			: grep { in_any_order(pprof(@args)) eq in_any_order($got) } 1 .. 30) {
		$alike++;
	} else {
		push @wrong, "@args";
	}
}
is_deeply(\@wrong, [], 'pprof has the same nodes and edges');
cmp_ok($same, '>', 4 * $alike, "the same bytes in $same cases, $alike where pprof's order is by chance");
done_testing();
