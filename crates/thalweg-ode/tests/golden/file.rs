//! Reading a reference file, and comparing with it.

use std::collections::BTreeMap;
use std::path::Path;

use safetensors::SafeTensors;
use thalweg_ode::{Method, Start, Step, Tableau, Vector, VectorSpace, tableau};

/// The numbers of one file.
pub(crate) struct File(BTreeMap<String, Vec<f64>>);

impl File {
    pub(crate) fn open(case: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
        let bytes = std::fs::read(folder.join(format!("{case}.f64.safetensors")));
        let bytes = bytes.expect("a file of this case");
        let file = SafeTensors::deserialize(&bytes).expect("a whole file");
        let numbers = |bytes: &[u8]| {
            let (chunks, _) = bytes.as_chunks::<8>();
            chunks
                .iter()
                .map(|chunk| f64::from_le_bytes(*chunk))
                .collect()
        };
        let tensors = file.iter();
        Self(
            tensors
                .map(|(name, view)| (name.to_owned(), numbers(view.data())))
                .collect(),
        )
    }

    pub(crate) fn numbers(&self, name: &str) -> &[f64] {
        let numbers = self.0.get(name);
        numbers.unwrap_or_else(|| panic!("the file has no tensor {name}"))
    }

    pub(crate) fn vector(&self, name: &str) -> Vector {
        self.numbers(name).to_vec().into()
    }

    /// Compares, absolute below 1 and relative above.
    pub(crate) fn near(&self, name: &str, found: &[f64], tolerance: f64) {
        let expected = self.numbers(name);
        assert_eq!(expected.len(), found.len(), "{name}");
        for (i, (e, f)) in expected.iter().zip(found).enumerate() {
            assert!(
                (e - f).abs() <= tolerance * e.abs().max(1.0),
                "{name}[{i}] should be {e:e}, is {f:e}"
            );
        }
    }
}

/// The three-eighths rule, which this crate does not ship: a tableau of a user's own.
const THREE_EIGHTHS: Tableau = Tableau {
    name: "three-eighths rule",
    order: 4,
    a: &[&[], &[1.0 / 3.0], &[-1.0 / 3.0, 1.0], &[1.0, -1.0, 1.0]],
    b: &[0.125, 0.375, 0.375, 0.125],
    error: None,
    c: &[0.0, 1.0 / 3.0, 2.0 / 3.0, 1.0],
    fsal: false,
};

/// The methods of both files, by the names they have there.
pub(crate) const METHODS: [(&str, Tableau); 8] = [
    ("euler", tableau::EULER),
    ("heun", tableau::HEUN),
    ("midpoint", tableau::MIDPOINT),
    ("ralston", tableau::RALSTON),
    ("rk4", tableau::RK4),
    ("rk4_38", THREE_EIGHTHS),
    ("bs32", tableau::BOGACKI_SHAMPINE),
    ("dp54", tableau::DORMAND_PRINCE),
];

/// The states after so many steps that the files hold.
pub(crate) const STEPS: [usize; 4] = [1, 2, 10, 100];

/// Takes 100 steps, each from the slope the one before has left, and shows each to `look`.
pub(crate) fn run<S: VectorSpace>(
    method: &Tableau,
    mut field: impl FnMut(&S) -> S,
    start: S,
    h: f64,
    mut look: impl FnMut(usize, &Step<S>),
) {
    let mut field = thalweg_ode::infallible(move |_, y: &S| field(y));
    let (mut y, mut slope) = (start, None);
    for k in 1..=100 {
        let t = h * (k - 1) as f64;
        let start = Start {
            t,
            y: &y,
            slope: slope.as_ref(),
        };
        let Ok(step) = method.step(&mut field, start, h);
        look(k, &step);
        (y, slope) = (step.y, step.slope);
    }
}
