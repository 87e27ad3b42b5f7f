// The page around a flame graph: switches, the table of functions, what is selected.
'use strict';

(() => {
	const $ = id => document.getElementById(id);
	const data = JSON.parse($('data').textContent);
	const scroller = $('graph');
	let graph = null;

	// Styles for the dark and for the colour-blind are sheets of their own, switched by their media.
	function setTheme() {
		const theme = $('theme').value, safe = $('colours') && $('colours').value === 'safe';
		const dark = theme === 'dark' ? 'all' : theme === 'light' ? 'not all' : '(prefers-color-scheme: dark)';
		for (const sheet of document.querySelectorAll('style[data-for]')) {
			const wants = sheet.dataset.for.split(' ');
			sheet.media = wants.includes('safe') && !safe ? 'not all' : wants.includes('dark') ? dark : 'all';
		}
	}

	const name = row => data.frames[data.rows.frame[row]][0];
	const sums = () => data.diff ? $('sums').value : 'flat';
	const value = (row, what, old) =>
		data.rows[what][data.diff ? 2 * graph.type + (old ? 1 : 0) : graph.type][row];
	const change = row => value(row, sums(), false) - value(row, sums(), true);
	const signed = v => v ? (v > 0 ? '+' : '') + graph.format(v) : '';

	// Columns: title, what to sort by, what to show.
	const columns = data.diff ? [
		['old', r => value(r, sums(), true), r => graph.format(value(r, sums(), true))],
		['new', r => value(r, sums(), false), r => graph.format(value(r, sums(), false))],
		['change', change, r => signed(change(r))],
	] : [
		['flat', r => value(r, 'flat'), r => graph.format(value(r, 'flat'))],
		['flat%', r => value(r, 'flat'), r => graph.percent(value(r, 'flat'))],
		['cum', r => value(r, 'cum'), r => graph.format(value(r, 'cum'))],
		['cum%', r => value(r, 'cum'), r => graph.percent(value(r, 'cum'))],
	];
	let sortBy = data.diff ? 2 : data.byCum ? 2 : 0, down = true, most = 100;

	function isThere(row) {
		return value(row, 'flat') || value(row, 'cum') ||
			data.diff && (value(row, 'flat', true) || value(row, 'cum', true));
	}

	function order() {
		const byName = (a, b) => name(a) < name(b) ? -1 : name(a) > name(b) ? 1 : 0;
		if (sortBy === columns.length) return (a, b) => byName(a, b) * (down ? 1 : -1);
		const of = columns[sortBy][1];
		return (a, b) => (Math.abs(of(b)) - Math.abs(of(a))) * (down ? 1 : -1) || byName(a, b) ||
			Math.abs(value(b, 'cum')) - Math.abs(value(a, 'cum'));
	}

	const make = (parent, tag, text, className) => {
		const e = document.createElement(tag);
		if (text) e.textContent = text;
		if (className) e.className = className;
		parent.append(e);
		return e;
	};

	function fillTable() {
		const all = data.rows.frame.map((_, i) => i)
			.filter(i => isThere(i) && (!graph.pattern || graph.pattern.test(name(i)))).sort(order());
		const parts = document.createDocumentFragment();
		for (const i of all.slice(0, most)) {
			const tr = make(parts, 'tr');
			for (const [title, of, text] of columns) {
				const td = make(tr, 'td', text(i), title !== 'change' ? '' : of(i) > 0 ? 'up' : 'down');
				td.title = of(i) + ' ' + data.types[graph.type].unit;
			}
			const fn = make(make(tr, 'td'), 'div', '', 'fn');
			if (!data.diff) make(fn, 'i', '', 'key k' + data.colours[data.frames[data.rows.frame[i]][1]]);
			const b = make(fn, 'button'), tail = shortName(name(i));
			make(b, 'span', name(i).slice(0, -tail.length), 'path');
			make(b, 'span', tail, 'tail');
			b.type = 'button';
			b.title = name(i);
			tr.row = i;
		}
		$('rows').replaceChildren(parts);
		const left = all.length - most;
		$('more').hidden = left <= 0;
		$('more').textContent = 'show ' + Math.min(left, 400) + ' more';
		$('count').textContent = all.length + (all.length === 1 ? ' row' : ' rows') +
			(data.nRows > data.rows.frame.length ? ', of the heaviest of ' + data.nRows : '');
		document.querySelectorAll('#heads th').forEach((th, i) =>
			th.setAttribute('aria-sort', i !== sortBy ? 'none' : down ? 'descending' : 'ascending'));
	}

	function makeHead() {
		[...columns.map(c => c[0]), data.what].forEach((title, i) => {
			const b = make(make($('heads'), 'th'), 'button', title);
			b.type = 'button';
			b.addEventListener('click', () => {
				down = sortBy === i ? !down : true;
				sortBy = i;
				fillTable();
			});
		});
	}

	// What is selected, and the way from the root to it.
	function select(g, i) {
		const lines = g.details(i), path = [];
		for (let p = g.tree.parent[i]; p > 0; p = g.tree.parent[p]) path.unshift(p);
		$('name').textContent = lines[0];
		$('values').textContent = lines.slice(1).join(' · ');
		$('path').replaceChildren();
		for (const p of path.slice(-60)) {
			const b = make($('path'), 'button', label(data.frames[g.tree.frame[p]], 40));
			b.type = 'button';
			b.title = g.name(p);
			b.addEventListener('click', () => g.zoom(p));
		}
		$('path').scrollLeft = 1e6;
		$('copy').disabled = !i;
	}

	async function copy(text) {
		try {
			await navigator.clipboard.writeText(text);
		} catch (e) { // where a page from a file may not
			const area = make(document.body, 'textarea');
			area.value = text;
			area.select();
			document.execCommand('copy');
			area.remove();
		}
		$('copy').textContent = 'Copied';
		setTimeout(() => $('copy').textContent = 'Copy stack', 1500);
	}

	const quoted = text => '^' + text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&') + '$';
	const svg = $('boxes');

	setTheme();
	document.title = data.title;
	data.types.forEach((t, i) =>
		make($('type'), 'option', t.name + ' · ' + formatValue(data, i, t.total[0])).value = i);
	$('type').value = data.type;
	$('types').hidden = data.types.length < 2;
	$('shape').value = data.inverted ? 'inverted' : 'flames';
	$('order').value = data.byName ? 'name' : 'weight';
	for (const e of document.querySelectorAll(data.diff ? '.single' : '.diff')) e.remove();
	if (data.diff) {
		$('width').value = data.width;
		$('compare').value = data.share ? 'share' : 'value';
		$('sums').value = data.byCum ? 'cum' : 'flat';
		$('sums').addEventListener('change', fillTable);
	}
	makeHead();

	graph = flame(data, {
		svg, tip: $('tip'), search: $('search'), found: $('found'), reset: $('reset'), select,
		width: () => svg.clientWidth,
		viewport: () => ({width: window.innerWidth, height: window.innerHeight, left: 0, top: 0}),
		resize: h => svg.setAttribute('height', h),
		changed: g => {
			graph = g;
			if (g.drawnFor !== g.pattern + ' ' + g.type) fillTable();
			g.drawnFor = g.pattern + ' ' + g.type;
		},
	});
	select(graph, 0);
	const toRoot = () => {
		svg.classList.toggle('inverted', graph.inverted);
		scroller.scrollTop = graph.inverted ? 0 : scroller.scrollHeight;
	};
	const totals = () => {
		const t = data.types[graph.type].total, by = t[1] ? (t[0] / t[1] - 1) * 100 : 0;
		if ($('totals')) $('totals').textContent = 'total ' + graph.format(t[1]) + ' → ' + graph.format(t[0]) +
			(t[1] ? ' (' + (by < 0 ? '' : '+') + by.toFixed(1) + '%)' : '');
	};
	totals();
	toRoot();
	$('type').addEventListener('change', () => {
		graph.update({type: Number($('type').value)});
		totals();
	});
	$('shape').addEventListener('change', () => {
		graph.update({inverted: $('shape').value === 'inverted'});
		toRoot();
	});
	$('order').addEventListener('change', () => graph.update({byName: $('order').value === 'name'}));
	if (data.diff) {
		$('width').addEventListener('change', () => graph.update({width: $('width').value}));
		$('compare').addEventListener('change', () => graph.update({share: $('compare').value === 'share'}));
	}
	$('theme').addEventListener('change', setTheme);
	if (!data.diff) $('colours').addEventListener('change', setTheme);
	$('copy').addEventListener('click', () => copy(graph.stack(graph.selected)));
	$('more').addEventListener('click', () => {
		most += 400;
		fillTable();
	});
	$('rows').addEventListener('click', e => {
		const tr = e.target.closest('tr'), text = quoted(data.frames[data.rows.frame[tr.row]][0]);
		$('search').value = $('search').value === text ? '' : text;
		graph.search($('search').value);
	});
	window.flameGraph = graph;
})();
