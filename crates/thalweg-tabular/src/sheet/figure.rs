//! Pictures of two tables.

use thalweg_plot::{CornerPlot, Figure, Histogram};

use super::{Level, Pair, Terms, by_frequency};

/// Columns of a corner plot.
const COLUMNS: usize = 8;
/// Rows of each table that a corner plot is drawn from.
const ROWS: usize = 20_000;
/// Categories that are drawn; the rest are one.
const CATEGORIES: usize = 12;
/// Rows that stand for a whole sample of frequencies.
const BARS: f64 = 10_000.0;
/// The share of values beyond either end of the middle of a table. One that lies as far outside as the middle is wide is
/// far.
const FAR: f64 = 0.005;

/// The first columns that vary, by themselves and in pairs.
pub(crate) fn corner<'p>(
    pairs: impl IntoIterator<Item = &'p Pair>,
    names: [&str; 2],
) -> Option<Figure> {
    let shown = pairs.into_iter().filter(|pair| varies(pair)).take(COLUMNS);
    let shown: Vec<&Pair> = shown.collect();
    let plot = shown
        .iter()
        .fold(CornerPlot::new(names[0], names[1]), |plot, pair| {
            let rows = pair
                .rows()
                .map(|rows| (0..rows.min(ROWS)).collect::<Vec<_>>());
            add(plot, &pair.select([&rows[0], &rows[1]]))
        });
    (!shown.is_empty()).then(|| plot.into())
}

/// The distributions of one column.
pub(crate) fn marginal(pair: &Pair, names: [&str; 2]) -> Option<Figure> {
    if !varies(pair) {
        return None;
    }
    Some(match &pair.terms {
        Terms::Categories(..) => add(CornerPlot::new(names[0], names[1]), pair).into(),
        Terms::Numbers(values) => {
            let (label, values) = in_days(pair, values);
            let [first, second] = middle(values);
            Histogram::new(label)
                .values(names[0], first)
                .values(names[1], second)
                .into()
        }
    })
}

/// The frequencies of values of a category in two samples, as bars.
pub(crate) fn bars(title: String, values: &[(String, [f64; 2])], names: [&str; 2]) -> Figure {
    let levels = values.iter().map(|(value, _)| Level::Word(value.clone()));
    let codes = [0, 1].map(|table| {
        let counts = values.iter().enumerate();
        let count = |share: f64| (share * BARS).round() as usize;
        counts
            .flat_map(|(code, (_, shares))| std::iter::repeat_n(code, count(shares[table])))
            .collect()
    });
    let (levels, codes) = frequent(&levels.collect::<Vec<_>>(), &codes);
    let [first, second] = codes;
    let plot = CornerPlot::new(names[0], names[1]).title(title);
    plot.categories("", levels, first, second).into()
}

/// Pictures of numbers in rows of three, and of categories, which have their legend beside them, in rows of two.
pub(crate) fn rows(figures: Vec<Figure>) -> Vec<Vec<Figure>> {
    let (categories, numbers): (Vec<Figure>, Vec<Figure>) = figures
        .into_iter()
        .partition(|figure| matches!(figure, Figure::Corner(_)));
    let all = [(numbers, 3), (categories, 2)].into_iter();
    all.flat_map(|(figures, beside)| {
        let row = |row: &[Figure]| {
            let mut row = row.to_vec();
            // Empty places keep all pictures at one width.
            row.resize_with(beside, || Figure::Words(vec![]));
            row
        };
        figures.chunks(beside).map(row).collect::<Vec<_>>()
    })
    .collect()
}

/// Whether there is something to draw: two different finite numbers, or a category.
fn varies(pair: &Pair) -> bool {
    match &pair.terms {
        Terms::Categories(levels, _) => levels.len() > 1,
        Terms::Numbers(values) => {
            let mut finite = values.iter().flatten().filter(|x| x.is_finite());
            let first = finite.next();
            first.is_some_and(|first| finite.any(|x| x != first))
        }
    }
}

fn add(plot: CornerPlot, pair: &Pair) -> CornerPlot {
    match &pair.terms {
        Terms::Numbers(values) => {
            let (label, [first, second]) = in_days(pair, values);
            plot.numbers(label, first, second)
        }
        Terms::Categories(levels, codes) => {
            let (names, codes) = frequent(levels, codes);
            let [first, second] = codes;
            plot.categories(pair.label(), names, first, second)
        }
    }
}

/// Times as days since the first of the first table: ticks have too few digits for seconds since 1970.
fn in_days(pair: &Pair, values: &[Vec<f64>; 2]) -> (String, [Vec<f64>; 2]) {
    if !pair.times {
        return (pair.label(), values.clone());
    }
    let start = values[0].iter().copied().fold(f64::INFINITY, f64::min);
    let days = |seconds: &f64| (seconds - start) / 86_400.0;
    let values = [0, 1].map(|table| values[table].iter().map(days).collect());
    (format!("{} (days)", pair.name), values)
}

/// The most frequent categories of the first table; the rest are one.
fn frequent(levels: &[Level<String>], codes: &[Vec<usize>; 2]) -> (Vec<String>, [Vec<usize>; 2]) {
    if levels.len() <= CATEGORIES {
        return (levels.iter().map(Level::to_string).collect(), codes.clone());
    }
    let order = by_frequency(&codes[0], levels.len());
    let mut shown = order[..CATEGORIES - 1].to_vec();
    shown.sort_unstable();
    let place = |code: &usize| shown.binary_search(code).unwrap_or(shown.len());
    let mut names: Vec<String> = shown.iter().map(|code| levels[*code].to_string()).collect();
    names.push(format!("{} others", levels.len() - shown.len()));
    (
        names,
        [0, 1].map(|table| codes[table].iter().map(place).collect()),
    )
}

/// The present values of both tables. One far from the middle of both is infinite: the picture counts it, and it does not
/// decide the bins.
fn middle(values: [Vec<f64>; 2]) -> [Vec<f64>; 2] {
    let sorted = values.map(|values| {
        let mut sorted: Vec<f64> = values.into_iter().filter(|x| !x.is_nan()).collect();
        sorted.sort_by(f64::total_cmp);
        sorted
    });
    let at = |share: f64| {
        sorted.each_ref().map(|sorted| {
            let last = sorted.len().saturating_sub(1) as f64;
            sorted.get((share * last).round() as usize).copied()
        })
    };
    let [low, high] = [at(FAR), at(1.0 - FAR)];
    let low = low.into_iter().flatten().fold(f64::INFINITY, f64::min);
    let high = high.into_iter().flatten().fold(f64::NEG_INFINITY, f64::max);
    let reach = high - low;
    let near = low - reach..=high + reach;
    sorted.map(|sorted| {
        let near = |x: f64| if near.contains(&x) { x } else { f64::INFINITY };
        sorted.into_iter().map(near).collect()
    })
}
