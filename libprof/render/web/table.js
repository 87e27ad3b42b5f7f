// The tables of a report: sorted by a click on a column's head. The first one is narrowed by an expression,
// and a click on a name in it searches for it in the flame graph below, where there is one. Without scripts
// all rows stand in the report's order.
'use strict';

(() => {
	const units = {ns: 1e-9, us: 1e-6, ms: 1e-3, s: 1, hrs: 3600,
		B: 1, kB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30, TB: 2 ** 40, PB: 2 ** 50};

	// Numbers as they are, not as they are shown; where only text says them ("+12%", "1.20ms", "<0.1%", "×15",
	// from nothing: "new"), what it says. What is not known stands last whichever the order.
	function value(row, i) {
		const cell = row.cells[i], text = cell.textContent;
		if (cell.dataset.v !== undefined) return Number(cell.dataset.v);
		if (!text || text === '-') return null;
		if (cell.className) return text;
		const [, sign, digits, unit] = text.match(/^([×<])?([-+]?[\d.]+(?:e[-+]?\d+)?)(\w*)/) || [];
		if (digits === undefined) return text === 'new' ? Infinity : text;
		const number = Number(digits) * (units[unit] || 1);
		return sign === '×' ? (number - 1) * 100 : sign ? number * 0.999 : number;
	}

	// Sorts a table by its heads; `show` is called when its rows, in order, are others.
	function sortable(table, show) {
		const rows = [...table.tBodies[0].rows], heads = [...table.querySelectorAll('th[data-column]')];
		let sortBy = -1, down = true;

		rows.forEach((row, i) => row.at = i);
		function compare(a, b) {
			const x = value(a, sortBy), y = value(b, sortBy);
			if (x === null || y === null) return (x === null) - (y === null) || a.at - b.at;
			const by = typeof x === 'number' && typeof y === 'number' ? Math.abs(y) - Math.abs(x) || y - x || 0
				: String(x) < String(y) ? -1 : String(x) > String(y) ? 1 : 0;
			return (down ? by : -by) || a.at - b.at;
		}
		function change() {
			heads.forEach((th, i) =>
				th.setAttribute('aria-sort', i !== sortBy ? 'none' : down ? 'descending' : 'ascending'));
			show(sortBy < 0 ? rows : [...rows].sort(compare));
		}
		heads.forEach((th, i) => th.firstElementChild.addEventListener('click', () => {
			down = sortBy === i ? !down : true;
			sortBy = i;
			change();
		}));
		change();
	}

	for (const part of document.querySelectorAll('table.part'))
		sortable(part, rows => part.tBodies[0].replaceChildren(...rows));

	const table = document.getElementById('report-table');
	if (!table) return;
	const body = table.tBodies[0], count = body.rows.length;
	const filter = document.getElementById('report-filter'), more = document.getElementById('report-more');
	const shown = document.getElementById('report-shown');
	let order = [], most = 30, pattern = null;

	function show() {
		const matches = row => pattern.test(row.querySelector('td.name').title) || pattern.test(row.textContent);
		const found = pattern ? order.filter(matches) : order;
		body.replaceChildren(...found.slice(0, most));
		shown.textContent = found.length === count ? count + (count === 1 ? ' row' : ' rows')
			: found.length + ' of ' + count + ' rows';
		more.hidden = found.length <= most;
		more.textContent = 'show ' + Math.min(found.length - most, 400) + ' more';
	}

	filter.addEventListener('input', () => {
		try {
			pattern = filter.value ? new RegExp(filter.value, 'i') : null;
			filter.classList.remove('bad');
		} catch (e) {
			filter.classList.add('bad');
			return;
		}
		show();
	});
	more.addEventListener('click', () => {
		most += 400;
		show();
	});
	body.addEventListener('click', e => {
		const button = e.target.closest('td.name button'), search = document.getElementById('search');
		if (!button || !search || !window.flameGraph) return;
		const text = '^' + button.parentNode.title.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&') + '$';
		search.value = search.value === text ? '' : text;
		window.flameGraph.search(search.value);
		if (search.value) document.getElementById('graph').scrollIntoView({block: 'nearest'});
	});
	document.getElementById('report-tools').hidden = false;
	sortable(table, rows => {
		order = rows;
		show();
	});
})();
