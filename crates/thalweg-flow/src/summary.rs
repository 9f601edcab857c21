//! A table of the parameters of a module.

use std::fmt;

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Bool, DType, Int, Tensor};

/// A table of the parameters of a module: name, layer, type, shape, count, numbers, bytes, and whether
/// they train. Parameters whose names differ only in an index share a line:
/// `steps.*.coupling.network.layers.0.weight`.
///
/// ```
/// use burn::tensor::Device;
/// use thalweg_flow::Summary;
/// use thalweg_flow::{Additive, Coupling, Flow, MlpConfig, Noise, Split, base::StandardNormal};
///
/// let device = Device::default();
/// let net = MlpConfig::new(1, vec![16], 1).init(&mut Noise::seeded(0), &device);
/// let coupling: Coupling<_, _> = Coupling::new(Split::half(), Additive::new(), net);
/// let flow = Flow::new(vec![coupling.clone(), coupling], StandardNormal::new(2));
/// let summary = Summary::of(&flow);
/// println!("{summary}");
/// assert_eq!(summary.numbers(), 2 * (16 + 16 + 16 + 1));
/// assert_eq!(summary.lines().len(), 4);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    lines: Vec<SummaryLine>,
}

/// Parameters whose names differ only in an index.
///
/// ```
/// use burn::tensor::Device;
/// use thalweg_flow::{DiagonalScale, Summary, SummaryLine};
///
/// let summary = Summary::of(&DiagonalScale::<2>::new(3, &Device::default().autodiff()));
/// let line: &SummaryLine = &summary.lines()[0];
/// assert_eq!((line.name.as_str(), &line.shape[..], line.bytes()), ("log_scale", &[3][..], 12));
/// assert!(line.trainable);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct SummaryLine {
    /// The name, with `*` for each index that differs.
    pub name: String,
    /// The type of the layer.
    pub layer: String,
    /// The dtype.
    pub dtype: DType,
    /// The shape of each parameter.
    pub shape: Vec<usize>,
    /// The number of parameters.
    pub count: usize,
    /// Whether they train.
    pub trainable: bool,
}

impl SummaryLine {
    /// The numbers of all parameters.
    pub fn numbers(&self) -> usize {
        self.count * self.shape.iter().product::<usize>()
    }

    /// The bytes of all parameters.
    pub fn bytes(&self) -> usize {
        self.numbers() * self.dtype.size()
    }
}

impl Summary {
    /// The table of a module, in the order of its parameters.
    pub fn of<M: Module>(module: &M) -> Self {
        let mut reader = Reader::default();
        module.visit(&mut reader);
        let mut lines: Vec<(Vec<String>, SummaryLine)> = vec![];
        for (path, line) in reader.found {
            match lines.iter_mut().find(|known| alike(known, &path, &line)) {
                None => lines.push((path, line)),
                Some((known, counted)) => {
                    counted.count += 1;
                    for (part, new) in known.iter_mut().zip(&path) {
                        if part != new {
                            "*".clone_into(part);
                        }
                    }
                }
            }
        }
        let named = lines.into_iter().map(|(path, line)| SummaryLine {
            name: path.join("."),
            ..line
        });
        Self {
            lines: named.collect(),
        }
    }

    /// The lines of the table.
    pub fn lines(&self) -> &[SummaryLine] {
        &self.lines
    }

    /// The numbers of all parameters.
    pub fn numbers(&self) -> usize {
        self.lines.iter().map(SummaryLine::numbers).sum()
    }

    /// The numbers that train.
    pub fn trainable(&self) -> usize {
        let lines = self.lines.iter().filter(|line| line.trainable);
        lines.map(SummaryLine::numbers).sum()
    }

    /// The bytes of all parameters.
    pub fn bytes(&self) -> usize {
        self.lines.iter().map(SummaryLine::bytes).sum()
    }
}

/// Whether a parameter belongs to a known line: equal except for indices in its name.
fn alike((known, line): &(Vec<String>, SummaryLine), path: &[String], new: &SummaryLine) -> bool {
    let same = |known: &String, new: &String| {
        let index = |part: &str| part == "*" || part.parse::<usize>().is_ok();
        known == new || (index(known) && index(new))
    };
    known.len() == path.len()
        && known.iter().zip(path).all(|(known, new)| same(known, new))
        && (&line.layer, line.dtype, &line.shape, line.trainable)
            == (&new.layer, new.dtype, &new.shape, new.trainable)
}

#[derive(Default)]
struct Reader {
    path: Vec<String>,
    layers: Vec<String>,
    found: Vec<(Vec<String>, SummaryLine)>,
}

impl Reader {
    fn push(&mut self, dtype: DType, shape: &[usize], trainable: bool) {
        let layer = self.layers.iter().rev().find_map(|container| {
            let named = container.split_once(':');
            named.map(|(_, name)| name.to_owned())
        });
        let line = SummaryLine {
            name: String::new(),
            layer: layer.unwrap_or_default(),
            dtype,
            shape: shape.to_vec(),
            count: 1,
            trainable,
        };
        self.found.push((self.path.clone(), line));
    }
}

impl ModuleVisitor for Reader {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.push(name.to_owned());
        self.layers.push(container.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
        self.layers.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let tensor = param.val();
        self.push(tensor.dtype(), &tensor.dims(), param.is_require_grad());
    }

    fn visit_int<const D: usize>(&mut self, param: &Param<Tensor<D, Int>>) {
        let tensor = param.val();
        self.push(tensor.dtype(), &tensor.dims(), false);
    }

    fn visit_bool<const D: usize>(&mut self, param: &Param<Tensor<D, Bool>>) {
        let tensor = param.val();
        self.push(tensor.dtype(), &tensor.dims(), false);
    }
}

const TITLES: [&str; 8] = [
    "name", "layer", "type", "shape", "count", "numbers", "bytes", "trains",
];

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows: Vec<[String; 8]> = self
            .lines
            .iter()
            .map(|line| {
                [
                    line.name.clone(),
                    line.layer.clone(),
                    format!("{:?}", line.dtype),
                    format!("{:?}", line.shape),
                    line.count.to_string(),
                    grouped(line.numbers()),
                    grouped(line.bytes()),
                    if line.trainable { "yes" } else { "no" }.to_owned(),
                ]
            })
            .collect();
        let widths: Vec<usize> = TITLES
            .iter()
            .enumerate()
            .map(|(column, title)| {
                let cells = rows.iter().map(|row| row[column].chars().count());
                cells.chain([title.len()]).max().unwrap_or(0)
            })
            .collect();
        let titles = TITLES.map(str::to_owned);
        for row in [&titles].into_iter().chain(&rows) {
            let cells = row.iter().zip(&widths).enumerate();
            let cells = cells.map(|(column, (cell, width))| match (4..7).contains(&column) {
                true => format!("{cell:>width$}"),
                false => format!("{cell:<width$}"),
            });
            let text = cells.collect::<Vec<_>>().join("  ");
            writeln!(f, "{}", text.trim_end())?;
        }
        let parameters: usize = self.lines.iter().map(|line| line.count).sum();
        write!(
            f,
            "{} numbers in {parameters} parameters, of which {} train; {} bytes",
            grouped(self.numbers()),
            grouped(self.trainable()),
            grouped(self.bytes()),
        )
    }
}

/// `1234567` as `1,234,567`.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
