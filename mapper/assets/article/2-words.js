// Words, days, numbers and plurals in the language that the reader chose.
function makeWords(data) {
  const DAY_MS = 86400000;
  const first = Date.parse(`${data.first}T00:00:00Z`);
  const own = { lang: data.style.languages[0] };

  const index = () => data.style.languages.indexOf(own.lang);
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? values[key] : whole));
  const say = (key, values = {}) => fill(data.words[own.lang][key], values);

  function count(key, number) {
    const { forms, plurals } = data.locale[own.lang];
    return fill(plurals[key][Number(forms[Math.min(number, forms.length - 1)])], { n: number });
  }

  const iso = (day) => new Date(first + day * DAY_MS).toISOString().slice(0, 10);
  const parse = (text) => {
    const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN;
    // A browser may read 30 February as 1 March; only a day that reads back the same is one.
    return Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== text
      ? null
      : Math.round((time - first) / DAY_MS);
  };
  const year = (day) => Number(iso(day).slice(0, 4));

  function day(number) {
    const [y, m, d] = iso(number).split("-").map(Number);
    const { months, day: pattern } = data.locale[own.lang];
    return fill(pattern, { d, m: months[m - 1], y });
  }

  // Three significant digits: no line here is good enough for more.
  function number(value) {
    const { point } = data.locale[own.lang];
    if (value === 0) return "0";
    if (value < 0.05) return `<0${point}1`;
    const places = Math.max(2 - Math.floor(Math.log10(value)), -12);
    const rounded = places >= 0 ? Number(value.toFixed(places)) : Math.round(value / 10 ** -places) * 10 ** -places;
    return written(rounded, Math.min(Math.max(places, 0), 1));
  }

  function written(value, places) {
    const { group, point } = data.locale[own.lang];
    const [whole, rest] = value.toFixed(places).split(".");
    return whole.replace(/\B(?=(\d{3})+$)/g, group) + (rest ? point + rest : "");
  }

  // A value and its interval, rounded as the interval allows; see ``rounding`` of the package.
  function range(value, low, high) {
    const [narrow, wide] = [high - value, value - low].sort((a, b) => a - b);
    const half = Math.max(narrow, wide / 10);
    if (half <= 0) return [number(value), number(low), number(high)];
    const step = Math.max(10 ** Math.floor(Math.log10(half / 3) + 1e-9), 0.1);
    const places = Math.max(-Math.round(Math.log10(step)), 0);
    const slack = 1e-9;
    const rounded = [Math.round(value / step), Math.floor(low / step + slack), Math.ceil(high / step - slack)];
    return rounded.map((steps) => written(steps * step, places));
  }

  // A name as [text, language] pairs: the reader's language first, then both sides' own, none twice.
  function names(row) {
    const languages = data.style.languages;
    const order = [...new Set([own.lang, "az", "hy"])].filter((lang) => row[languages.indexOf(lang)]);
    const found = new Map();
    (order.length ? order : languages.filter((_, i) => row[i])).forEach((lang) => {
      const text = row[languages.indexOf(lang)];
      if (!found.has(text.toLowerCase())) found.set(text.toLowerCase(), [text, lang]);
    });
    return [...found.values()];
  }
  const name = (number) => names(data.names[number])[0];
  const label = (cls) => data.style.classes[cls].label[index()];
  const controller = (key) => label(data.style.classes.findIndex((one) => one.key === key));
  const status = (key) => data.style.statuses[key][index()];
  const use = (lang) => (own.lang = lang);

  return {
    say,
    count,
    iso,
    parse,
    year,
    day,
    number,
    range,
    names,
    name,
    label,
    controller,
    status,
    use,
    lang: () => own.lang,
  };
}
