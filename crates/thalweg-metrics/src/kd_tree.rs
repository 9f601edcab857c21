//! A kd-tree for the nearest row. The crates for it fix the number of columns when compiled, or hold a vector a row, which
//! is several times slower on wide rows.

/// The rows of a leaf. Their columns lie side by side, so that the compiler works on several rows at once.
const LEAF: usize = 32;

/// The columns that are added to the distances of a leaf before it is asked whether any row can still win.
const COLUMNS: usize = 4;

#[derive(Debug)]
pub(crate) struct KdTree {
    dims: usize,
    root: Node,
}

#[derive(Debug)]
enum Node {
    /// `[dims, LEAF]`; places without a row hold +∞.
    Leaf(Vec<[f64; LEAF]>),
    Split {
        column: usize,
        /// The largest value at the lower side and the smallest at the upper one.
        gap: [f64; 2],
        sides: Box<[Node; 2]>,
    },
}

impl KdTree {
    /// The tree of finite rows `[n, dims]`, at least one.
    pub(crate) fn of(values: &[f64], dims: usize) -> Self {
        let mut rows: Vec<&[f64]> = values.chunks_exact(dims).collect();
        Self {
            dims,
            root: Node::of(&mut rows, dims),
        }
    }

    /// The squared distance to the nearest row.
    pub(crate) fn nearest_squared(&self, row: &[f64]) -> f64 {
        let mut nearest = f64::INFINITY;
        self.root
            .search(row, &mut vec![0.0; self.dims], 0.0, &mut nearest);
        nearest
    }
}

impl Node {
    fn of(rows: &mut [&[f64]], dims: usize) -> Self {
        if rows.len() <= LEAF {
            let mut columns = vec![[f64::INFINITY; LEAF]; dims];
            for (place, row) in rows.iter().enumerate() {
                for (column, value) in columns.iter_mut().zip(*row) {
                    column[place] = *value;
                }
            }
            return Self::Leaf(columns);
        }
        let width = |column: usize| {
            let ends = rows
                .iter()
                .fold([f64::INFINITY, f64::NEG_INFINITY], |ends, row| {
                    [ends[0].min(row[column]), ends[1].max(row[column])]
                });
            ends[1] - ends[0]
        };
        // The widest column; halves of equal size, so that equal rows end the recursion too.
        let widths = (0..dims).map(|column| (width(column), column));
        let (_, column) = widths.fold((f64::NEG_INFINITY, 0), |best, next| {
            if next.0 > best.0 { next } else { best }
        });
        let middle = rows.len() / 2;
        rows.select_nth_unstable_by(middle, |a, b| a[column].total_cmp(&b[column]));
        let (lower, upper) = rows.split_at_mut(middle);
        let highest = lower
            .iter()
            .fold(f64::NEG_INFINITY, |m, row| m.max(row[column]));
        Self::Split {
            column,
            gap: [highest, upper[0][column]],
            sides: Box::new([Self::of(lower, dims), Self::of(upper, dims)]),
        }
    }

    /// `apart` is the distance from the row to the node's box along each column, as far as splits tell it, and `bound` the
    /// sum of its squares (Arya and Mount, "Algorithms for fast vector quantization", 1993).
    fn search(&self, row: &[f64], apart: &mut [f64], bound: f64, nearest: &mut f64) {
        match self {
            Self::Leaf(columns) => {
                let mut squares = [0.0; LEAF];
                for (columns, values) in columns.chunks(COLUMNS).zip(row.chunks(COLUMNS)) {
                    for (column, value) in columns.iter().zip(values) {
                        for (sum, other) in squares.iter_mut().zip(column) {
                            *sum += (value - other) * (value - other);
                        }
                    }
                    if !squares.iter().any(|sum| sum < nearest) {
                        return;
                    }
                }
                *nearest = squares.into_iter().fold(*nearest, f64::min);
            }
            Self::Split { column, gap, sides } => {
                let value = row[*column];
                let far = usize::from(value < (gap[0] + gap[1]) / 2.0);
                sides[1 - far].search(row, apart, bound, nearest);
                let distance = match far {
                    1 => gap[1] - value,
                    _ => value - gap[0],
                };
                let before = apart[*column];
                let distance = distance.max(before);
                let bound = bound - before * before + distance * distance;
                if bound < *nearest {
                    apart[*column] = distance;
                    sides[far].search(row, apart, bound, nearest);
                    apart[*column] = before;
                }
            }
        }
    }
}
