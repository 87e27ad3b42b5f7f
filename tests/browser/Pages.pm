# What the tests of pages share: `use lib 'tests/browser'; use Pages;`. Skips all where there is no chromium.
package Pages;
use strict;
use warnings;
use utf8;
use Chromium;
use Cwd qw(abs_path);
use Exporter 'import';
use File::Path qw(make_path);
use JSON::PP;
use Test::More;
our @EXPORT = qw($dir $data $json run open_file quiet boxes box middle text choose top);

plan skip_all => 'no chromium' if !Chromium::path();

our $dir = abs_path($ENV{SCRATCH}) . '/browser'; # where pages are made
our $data = 'testdata';
our $json = JSON::PP->new->utf8;
make_path($dir);
my $browser = Chromium->new("$dir/home.$$");

sub run
{
	my ($command) = @_;
	my $out = `$command`;

	is($?, 0, $command);
	return $out;
}

sub open_file
{
	my ($name, %how) = @_;

	return $browser->open("file://$dir/$name", $how{width} // 1400, $how{height} // 800, %how);
}

sub quiet
{
	my ($page, $what) = @_;

	is_deeply($page->{complaints}, [], "$what: no complaint");
	is_deeply($page->{requests}, [], "$what: no request");
}

# What is drawn: [name, x, y, width, height, text or undef] of each box, in pixels of the window.
sub boxes
{
	my ($page) = @_;

	return @{$page->eval(<<'END')};
[...document.querySelectorAll('#boxes rect')].filter(r => !r.classList.contains('r')).map(r => {
	const q = r.getBoundingClientRect(), next = r.nextSibling;
	return [flameGraph.name(r.box), q.x, q.y, q.width, q.height, next && next.tagName === 'text' ? next.textContent : null];
})
END
}

sub box
{
	my ($page, $name) = @_;
	my @found = grep { $_->[0] eq $name } boxes($page);

	return $found[0];
}

sub middle
{
	my ($box) = @_;

	return ($box->[1] + $box->[3] / 2, $box->[2] + $box->[4] / 2);
}

sub text
{
	my ($page, $selector) = @_;

	return $page->eval("document.querySelector('$selector').textContent");
}

sub choose
{
	my ($page, $id, $value) = @_;

	$page->eval("(() => { const s = document.getElementById('$id'); s.value = '$value'; s.dispatchEvent(new Event('change')); })()");
}

sub top
{
	my (@options) = @_;
	my $top = $json->decode(run("prof top --format=json --no-trim @options"));

	return ($top, {map { $_->{name} => [@$_{qw(flat flat cum cum)}] } @{$top->{rows}}});
}

1;
