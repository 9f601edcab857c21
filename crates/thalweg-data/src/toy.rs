//! Two-dimensional densities with exact values.

mod exact;
mod mixture;

use std::f64::consts::LN_2;
use std::fmt;
use std::str::FromStr;

use burn::tensor::{Device, Tensor, TensorData};
use rand::rngs::ChaCha8Rng;

use self::mixture::{EIGHT_GAUSSIANS, MOONS, RINGS, SPIRALS, TWO_MOONS, TWO_SPIRALS};
use crate::{DataError, rng};

/// A two-dimensional density for tests and demonstrations of models.
///
/// Each has a computable `ln p(x)`. The mean of `ln p` over samples is the best mean log-density
/// that a model can reach; its limit for many samples is `−entropy()`, in nats.
///
/// ```
/// use thalweg_data::Toy;
///
/// let points = Toy::TwoMoons.sample(1000, 0);
/// let mean: f64 = points
///     .iter()
///     .map(|&[x, y]| Toy::TwoMoons.log_density([x.into(), y.into()]))
///     .sum::<f64>()
///     / 1000.0;
/// assert!((mean + Toy::TwoMoons.entropy()).abs() < 0.1);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Toy {
    /// Two half circles of radius 1, `(cos t, sin t)` and `(1 − cos t, ½ − sin t)` for `t` uniform
    /// in `0..π`, plus normal noise of deviation 0.1 on each coordinate; scikit-learn's
    /// `make_moons` with `noise=0.1`.
    TwoMoons,
    /// Four circles about the origin of radii ¾, 1½, 2¼ and 3 with equal probabilities, plus normal
    /// noise of deviation 0.1 on each coordinate.
    Rings,
    /// Uniform on 8 of the 16 squares of side 2 in `[−4, 4]²`, no two of which share a side.
    Checkerboard,
    /// Five arms: a normal about `(1, 0)` of deviations 0.3 along and 0.1 across, rotated by
    /// `2πk/5 + ¼ exp(r)` at radius `r`, then scaled by 2. The rotation preserves areas, since it
    /// preserves the radius.
    Pinwheel,
    /// Eight normals of deviation 0.2 about equidistant points on the circle of radius 2.
    EightGaussians,
    /// Two arms `±(t cos t, −t sin t) / 3`, with `t = 3π √u` for `u` uniform in `0..1`, plus normal
    /// noise of deviation 0.1 on each coordinate.
    Spirals,
}

/// The definition of one density.
struct Facts {
    name: &'static str,
    entropy: f64,
    bounds: [f64; 4],
    log_density: fn([f64; 2]) -> f64,
    draw: fn(&mut ChaCha8Rng) -> [f64; 2],
}

impl Toy {
    /// All toy densities.
    ///
    /// ```
    /// use thalweg_data::Toy;
    ///
    /// for toy in Toy::ALL {
    ///     assert_eq!(toy.name().parse::<Toy>()?, toy);
    /// }
    /// # Ok::<(), thalweg_data::DataError>(())
    /// ```
    pub const ALL: [Self; 6] = [
        Self::TwoMoons,
        Self::Rings,
        Self::Checkerboard,
        Self::Pinwheel,
        Self::EightGaussians,
        Self::Spirals,
    ];

    fn facts(self) -> Facts {
        match self {
            Self::TwoMoons => Facts {
                name: "two_moons",
                entropy: 1.007_584_834_8,
                bounds: [-1.6, 2.6, -1.1, 1.6],
                log_density: |x| TWO_MOONS.log_density(x),
                draw: |rng| MOONS.draw(rng),
            },
            Self::Rings => Facts {
                name: "rings",
                entropy: 2.845_351_160_3,
                bounds: [-3.6, 3.6, -3.6, 3.6],
                log_density: |x| RINGS.log_density(x),
                draw: mixture::draw_rings,
            },
            Self::Checkerboard => Facts {
                name: "checkerboard",
                entropy: 5.0 * LN_2,
                bounds: [-4.0, 4.0, -4.0, 4.0],
                log_density: exact::checkerboard,
                draw: exact::draw_checkerboard,
            },
            Self::Pinwheel => Facts {
                name: "pinwheel",
                entropy: 2.320_588_485,
                bounds: [-5.2, 5.2, -5.2, 5.2],
                log_density: exact::pinwheel,
                draw: exact::draw_pinwheel,
            },
            Self::EightGaussians => Facts {
                name: "eight_gaussians",
                entropy: 1.698_061_203_1,
                bounds: [-3.2, 3.2, -3.2, 3.2],
                log_density: |x| EIGHT_GAUSSIANS.log_density(x),
                draw: mixture::draw_gaussians,
            },
            Self::Spirals => Facts {
                name: "spirals",
                entropy: 2.540_617_894_3,
                bounds: [-3.8, 3.8, -3.8, 3.8],
                log_density: |x| TWO_SPIRALS.log_density(x),
                draw: |rng| SPIRALS.draw(rng),
            },
        }
    }

    /// The name, such as `two_moons`.
    pub fn name(self) -> &'static str {
        self.facts().name
    }

    /// `n` independent points; the same seed gives the same points.
    pub fn sample(self, n: usize, seed: u64) -> Vec<[f32; 2]> {
        let mut rng = rng::generator(seed, 0);
        let draw = self.facts().draw;
        (0..n)
            .map(|_| draw(&mut rng).map(|value| value as f32))
            .collect()
    }

    /// The points of [`sample`](Self::sample) as `[n, 2]`.
    ///
    /// ```
    /// use thalweg_data::Toy;
    ///
    /// let points = Toy::Rings.to_tensor(100, 0, &Default::default());
    /// assert_eq!(points.dims(), [100, 2]);
    /// let values = points.into_data().try_to_vec::<f32>().unwrap();
    /// assert_eq!(values, Toy::Rings.sample(100, 0).as_flattened());
    /// ```
    pub fn to_tensor(self, n: usize, seed: u64, device: &Device) -> Tensor<2> {
        let values = self.sample(n, seed).into_flattened();
        Tensor::from_data(TensorData::new(values, [n, 2]), device)
    }

    /// `ln p(x)` in nats; `−∞` outside the squares of [`Checkerboard`](Self::Checkerboard).
    ///
    /// A density that is an integral along a curve is computed by quadrature, with an error of at
    /// most 10⁻⁸ wherever samples fall.
    pub fn log_density(self, x: [f64; 2]) -> f64 {
        (self.facts().log_density)(x)
    }

    /// The differential entropy `−∫ p ln p dx` in nats.
    ///
    /// That of the checkerboard is `ln 32`; the others are precomputed integrals of
    /// [`log_density`](Self::log_density) over a fine grid.
    pub fn entropy(self) -> f64 {
        self.facts().entropy
    }

    /// A rectangle `[x low, x high, y low, y high]` with all but 10⁻⁶ of the probability.
    ///
    /// ```
    /// use thalweg_data::Toy;
    ///
    /// let [left, right, bottom, top] = Toy::TwoMoons.bounds();
    /// let inside = |p: [f32; 2]| {
    ///     let [x, y] = p.map(f64::from);
    ///     left < x && x < right && bottom < y && y < top
    /// };
    /// assert!(Toy::TwoMoons.sample(1000, 0).into_iter().all(inside));
    /// assert_eq!(Toy::TwoMoons.name(), "two_moons");
    /// ```
    pub fn bounds(self) -> [f64; 4] {
        self.facts().bounds
    }
}

/// `ln Σ eˣ` of the exponents, relative to the largest.
fn log_sum_exp(exponents: impl Iterator<Item = f64> + Clone) -> f64 {
    // Terms below `e⁻⁴⁰` of the largest do not change an `f64` sum of thousands.
    const NEGLIGIBLE: f64 = 40.0;
    let largest = exponents.clone().fold(f64::NEG_INFINITY, f64::max);
    let terms = exponents.map(|exponent| exponent - largest);
    let sum: f64 = terms.filter(|&term| term > -NEGLIGIBLE).map(f64::exp).sum();
    largest + sum.ln()
}

impl fmt::Display for Toy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Toy {
    type Err = DataError;

    fn from_str(name: &str) -> Result<Self, DataError> {
        let found = Self::ALL.into_iter().find(|toy| toy.name() == name);
        found.ok_or_else(|| DataError::Toy {
            name: name.to_string(),
            known: Self::ALL.map(Self::name).join(", "),
        })
    }
}
