# Charts of the collector in a real browser, opened from disk: pointing tells a cycle, the wheel, dragging and
# keys zoom, nothing is fetched, nothing is complained about, and nothing of a name runs.
use strict;
use warnings;
use utf8;
use open qw(:std :encoding(UTF-8));
use lib 'tests/browser';
use Chromium;
use Cwd qw(abs_path);
use File::Path qw(make_path);
use JSON::PP;
use Test::More;

plan skip_all => 'no chromium' if !Chromium::path();

my $dir = abs_path($ENV{SCRATCH}) . '/browser-gc';
make_path($dir);
my $browser = Chromium->new("$dir/home");
my $hostile = '</script><script>document.title=1</script>.log';

sub made
{
	my ($name, $file) = @_;

	is(system($ENV{PROF}, 'gc', '-o', "$dir/$name", $file), 0, "prof gc -o $name");
	my $page = $browser->open("file://$dir/$name", 1300, 900);
	is_deeply($page->{complaints}, [], "$name: no complaint");
	is_deeply($page->{requests}, [], "$name: no request");
	return $page;
}

sub shown
{
	my ($page) = @_;

	return @{$page->eval('chart.shown()')};
}

my $picture = made('limit.svg', 'testdata/gcpace.limit.log');
is($picture->eval('document.querySelectorAll("svg.plot").length'), 3, 'a picture has three panels');
is($picture->eval('document.querySelectorAll("svg.plot path").length'), 9, 'and all layers');

my $page = made('limit.html', 'testdata/gcpace.limit.log');
my ($x, $y) = @{$page->eval('(() => { const r = document.querySelector("svg.plot").getBoundingClientRect(); return [r.x + r.width / 2, r.y + 100]; })()')};
$page->move($x, $y);
like($page->eval('document.getElementById("tip").textContent'), qr/^cycle \d+ at .*\nheap .*goal .*limit/, 'pointing tells the cycle');
is($page->eval('document.getElementById("tip").hidden') ? 1 : 0, 0, 'at the pointer');
$page->key('+');
my ($from, $to) = shown($page);
is($to - $from, 500000, 'a key zooms to half of the time');
is($page->eval('document.querySelector("svg.plot").getAttribute("viewBox").split(" ")[2]'), 500000, 'in the panels');
$page->key('ArrowRight');
cmp_ok((shown($page))[0], '>', $from, 'a key moves it');
$page->key('Escape');
is_deeply([shown($page)], [0, 1000000], 'escape shows all of it');
is_deeply($page->{complaints}, [], 'no complaint afterwards');

# Where there is little room its letters stay legible, and the page does not grow with it.
my $narrow = $browser->open("file://$dir/limit.html", 500, 900);
my ($chart, $view, $body) = @{$narrow->eval(
	'["#chart", ".scroll", "body"].map(s => document.querySelector(s).getBoundingClientRect().width)')};
cmp_ok($chart, '>=', 860, 'a narrow page keeps the chart large');
cmp_ok($view, '<=', 500, 'and scrolls it');
cmp_ok($body, '<=', 500, 'not itself');

# The two pauses differ without colour.
is_deeply($page->eval(
	'["first", "second"].map(c => getComputedStyle(document.querySelector("path." + c)).strokeDasharray != "none")'),
	[JSON::PP::false, JSON::PP::true], 'sticks differ by dashes');

link 'testdata/gcpace.gogc100.log', "$dir/copy" or system 'cp', 'testdata/gcpace.gogc100.log', "$dir/copy";
mkdir "$dir/$_" for '<', '<';
{
	my $name = $hostile =~ tr{/}{_}r;

	rename "$dir/copy", "$dir/$name" or die;
	my $evil = made('evil.html', "$dir/$name");
	like($evil->eval('document.title'), qr/script/, 'a name is text');
	unlike($evil->eval('document.title'), qr/^1$/, 'and nothing of it runs');
}
done_testing();
