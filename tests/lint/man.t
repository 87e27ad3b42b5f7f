# The man pages, -h and --list-opts agree, the pages render without a warning, and each command in
# EXAMPLES does what it says. An example is a line '$ COMMAND' between .EX and .EE; it runs where the
# files of testdata are, under bash, and ends with status 0 or with what '# status N' behind it says.
use strict;
use warnings;
use lib 'tests/harness';
use Cwd qw(getcwd);
use Encode qw(decode);
use Files;
use File::Basename qw(basename);
use File::Path qw(make_path);
use Test::More;

my $root = getcwd();

# Sections of a page as text: name => lines, and what the formatter has to say.
sub sections
{
	my ($page) = @_;
	my $log = "$ENV{SCRATCH}/man." . basename($page);
	my @lines = split /\n/, decode('UTF-8', `groff -Kutf8 -man -Tutf8 -ww -rLL=300n -rHY=0 -P-cbou '$page' 2>'$log'`);
	my (%section, $name);

	is(slurp($log), '', "$page renders without warnings");
	for (@lines) {
		tr/\x{2010}\x{2212}\x{2019}\x{2018}/\-\-''/;
		$name = $_ if /^[A-Z]/;
		push @{$section{$name}}, s/^\s+|\s+$//gr if /^\s+\S/ && defined $name;
	}
	return \%section;
}

# {"--name" or "--name=" => "-x" or ""} of lines like "-x, --name=N  what it does".
sub options
{
	my %letter;

	for (@_) {
		$letter{$2} = $1 // '' if /^\s*(?:(-\w), )?(--[\w-]+=?)/;
	}
	return \%letter;
}

# The man page's list of options is $page's own, those of the page it says it takes them from ($from), and
# those of every command, which prof.1 has.
sub check_options
{
	my ($cmd, $page, $common, $from) = @_;
	my %listed = map { chomp; $_ => 1 } `prof $cmd --list-opts`;
	my $help = options(map { decode('UTF-8', $_) } `prof $cmd -h`);
	my $own = options(@{$page->{OPTIONS} // []});
	my $inherited = join(' ', @{$page->{OPTIONS} // []}) =~ /Those of prof-top\(1\)/ ? $from : {};
	my %page = (%$common, %$inherited, %$own);

	none([grep { !exists $page{$_} } sort keys %listed], "prof $cmd: each option is in the man page");
	# Formats that prof(1) tells of are there where the command has them.
	none([grep { !$listed{$_} && !(/^--(json|md|html|svg)$/ && !exists $own->{$_}) } sort keys %page],
		"prof $cmd: each option of the man page is there");
	none([map { "$_: $help->{$_}" } grep { ($page{$_} // '') ne ($help->{$_} // '') } sort keys %listed],
		"prof $cmd: -h and man page have the same letters");
	none([grep { exists $common->{$_} } sort keys %$own], "prof $cmd: says nothing that prof.1 says");
	none([grep { exists $inherited->{$_} } sort keys %$own], "prof $cmd: says nothing that prof-top.1 says");
}

# SYNOPSIS is what -h begins with, a line a name.
sub check_synopsis
{
	my ($title, $page, @commands) = @_;
	my @usage = map { decode('UTF-8', $_) =~ s/\s*\n//r } map { (`$_ -h`)[0] =~ s/^usage: //r } @commands;

	is(join("\n", @{$page->{SYNOPSIS} // []}), join("\n", @usage), "$title: the synopsis of -h");
}

sub check_examples
{
	my ($page) = @_;
	my ($dir, $in, $n) = ("$ENV{SCRATCH}/examples/" . basename($page), 0, 0);

	make_path($dir);
	symlink $_, "$dir/" . basename($_) for glob "$root/testdata/*";
	for (split /\n/, slurp($page)) {
		$in = /^\.EX/ ? 1 : /^\.EE/ ? 0 : $in;
		s/\\&//g, s/\\-/-/g, s/\\\(aq/'/g, s/\\\(dq/"/g, s/\\f(\w|\(\w\w|\[\w*\])//g, s/\\[e\\]/\\/g;
		next if !$in || !/^\$ (.+)/;
		my $command = $1;
		my $expected = $command =~ /#.*\bstatus (\d+)/ ? $1 : 0;

		open my $script, '>', "$dir/.example" or die;
		print $script "$command\n";
		close $script;
		my $said = `cd '$dir' && timeout 60 bash .example 2>&1 </dev/null`;
		is($? >> 8, $expected, "$page: $command") or diag($said);
		$n++;
	}
	cmp_ok($n, '>', 0, "$page has examples");
}

my $main = sections('cmd/prof.1');
my $common = options(@{$main->{OPTIONS} // []});
my $top = options(@{sections('cmd/prof-top.1')->{OPTIONS} // []});
my @cmds = grep { $_ ne 'help' } map { chomp; $_ } `prof --list-cmds`;

check_examples('cmd/prof.1');
for my $cmd (@cmds) {
	my $name = $cmd =~ tr/ /-/r; # "archive add"
	my $file = "cmd/prof-$name.1";
	my $page;

	ok(-e $file, "$file is there") or next;
	$page = sections($file);
	none([grep { !$page->{$_} } 'NAME', 'SYNOPSIS', 'DESCRIPTION', 'OPTIONS', 'OUTPUT', 'EXAMPLES', 'EXIT STATUS'],
		"$file: has all sections");
	check_synopsis($file, $page, "prof $cmd", $cmd eq 'diff' ? 'profdiff' : ());
	check_options($cmd, $page, $common, $top);
	check_examples($file);
	like(join(' ', map { @$_ } values %$main), qr/\bprof-$name\b/, "prof.1 names prof-$name");
}
none([grep { !/^cmd\/prof(-(@{[join '|', map { tr{ }{-}r } @cmds]}))?\.1$/ } glob 'cmd/*.1'], 'no page without a command');
done_testing();
