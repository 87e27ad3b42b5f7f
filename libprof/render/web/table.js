// The table of a report: sorted by a click on a column's head, narrowed by an expression; a click on a name
// searches for it in the flame graph below, where there is one. Without scripts all rows stand in the
// report's order.
'use strict';

(() => {
	const table = document.getElementById('report-table');
	if (!table) return;
	const body = table.tBodies[0], rows = [...body.rows], heads = [...table.querySelectorAll('th[data-column]')];
	const filter = document.getElementById('report-filter'), more = document.getElementById('report-more');
	const shown = document.getElementById('report-shown');
	let sortBy = -1, down = true, most = 30, pattern = null;

	// Numbers as they are, not as they are shown; where only text says them ("+12%", "×15", from nothing:
	// "new"), what it says. What is not known stands last whichever the order.
	const value = (row, i) => {
		const cell = row.cells[i], text = cell.textContent;
		if (cell.dataset.v !== undefined) return Number(cell.dataset.v);
		if (!text || cell.className) return text || null;
		const [, times, number] = text.match(/^(×)?([-+]?[\d.]+)/) || [];
		if (number === undefined) return text === 'new' ? Infinity : text;
		return times ? (number - 1) * 100 : Number(number);
	};
	rows.forEach((row, i) => row.at = i);

	function compare(a, b) {
		const x = value(a, sortBy), y = value(b, sortBy);
		if (x === null || y === null) return (x === null) - (y === null) || a.at - b.at;
		const by = typeof x === 'number' && typeof y === 'number' ? Math.abs(y) - Math.abs(x) || y - x || 0
			: String(x) < String(y) ? -1 : String(x) > String(y) ? 1 : 0;
		return (down ? by : -by) || a.at - b.at;
	}

	function show() {
		const order = sortBy < 0 ? rows : [...rows].sort(compare);
		const matches = row => pattern.test(row.querySelector('td.name').title) || pattern.test(row.textContent);
		const found = pattern ? order.filter(matches) : order;
		body.replaceChildren(...found.slice(0, most));
		heads.forEach((th, i) =>
			th.setAttribute('aria-sort', i !== sortBy ? 'none' : down ? 'descending' : 'ascending'));
		shown.textContent = found.length === rows.length ? rows.length + (rows.length === 1 ? ' row' : ' rows')
			: found.length + ' of ' + rows.length + ' rows';
		more.hidden = found.length <= most;
		more.textContent = 'show ' + Math.min(found.length - most, 400) + ' more';
	}

	heads.forEach((th, i) => th.firstElementChild.addEventListener('click', () => {
		down = sortBy === i ? !down : true;
		sortBy = i;
		show();
	}));
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
	show();
})();
