//! Two-dimensional densities that are known exactly.

mod checkerboard;
mod curve;
mod eight_gaussians;
mod mixture;
mod pinwheel;
mod rings;
mod spirals;
mod two_moons;

use std::fmt;
use std::str::FromStr;

use burn::tensor::{Device, Tensor, TensorData};
use rand::rngs::ChaCha8Rng;

use crate::{DataError, rng};

/// A two-dimensional density to sample from and to compare a model with.
///
/// Each is defined so that `ln p(x)` is computable: mean `ln p` over samples is the best that a
/// model can reach, and `−entropy()` is its limit, in nats.
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
    /// Four circles about the origin of radii ¾, 1½, 2¼ and 3, each as likely, plus normal noise of
    /// deviation 0.1 on each coordinate.
    Rings,
    /// Uniform on 8 of the 16 squares of side 2 in `[−4, 4]²`, no two of which share a side.
    Checkerboard,
    /// Five arms: a normal about `(1, 0)` of deviations 0.3 along and 0.1 across, turned by
    /// `2πk/5 + ¼ exp(r)` at radius `r`, and doubled. The turn keeps the radius, so it keeps areas.
    Pinwheel,
    /// Eight normals of deviation 0.2 about points spaced evenly on the circle of radius 2.
    EightGaussians,
    /// Two arms `±(t cos t, −t sin t) / 3`, with `t = 3π √u` for `u` uniform in `0..1`, plus normal
    /// noise of deviation 0.1 on each coordinate.
    Spirals,
}

impl Toy {
    /// Every toy density.
    pub const ALL: [Self; 6] = [
        Self::TwoMoons,
        Self::Rings,
        Self::Checkerboard,
        Self::Pinwheel,
        Self::EightGaussians,
        Self::Spirals,
    ];

    /// The name, as `two_moons`.
    pub fn name(self) -> &'static str {
        match self {
            Self::TwoMoons => "two_moons",
            Self::Rings => "rings",
            Self::Checkerboard => "checkerboard",
            Self::Pinwheel => "pinwheel",
            Self::EightGaussians => "eight_gaussians",
            Self::Spirals => "spirals",
        }
    }

    /// `n` independent points; the same seed gives the same points.
    pub fn sample(self, n: usize, seed: u64) -> Vec<[f32; 2]> {
        let mut rng = rng::generator(seed, 0);
        let point = |_| self.draw(&mut rng).map(|value| value as f32);
        (0..n).map(point).collect()
    }

    /// `n` independent points as `[n, 2]`, those of [`sample`](Self::sample).
    pub fn to_tensor(self, n: usize, seed: u64, device: &Device) -> Tensor<2> {
        let values: Vec<f32> = self.sample(n, seed).into_iter().flatten().collect();
        Tensor::from_data(TensorData::new(values, [n, 2]), device)
    }

    /// `ln p(x)` in nats; `−∞` off the squares of [`Checkerboard`](Self::Checkerboard).
    ///
    /// Where the density is an integral along a curve it is computed by quadrature, to 10⁻⁸ or
    /// better wherever samples fall.
    pub fn log_density(self, x: [f64; 2]) -> f64 {
        match self {
            Self::TwoMoons => two_moons::DENSITY.log_density(x),
            Self::Rings => rings::DENSITY.log_density(x),
            Self::Checkerboard => checkerboard::log_density(x),
            Self::Pinwheel => pinwheel::log_density(x),
            Self::EightGaussians => eight_gaussians::DENSITY.log_density(x),
            Self::Spirals => spirals::DENSITY.log_density(x),
        }
    }

    /// The differential entropy `−∫ p ln p dx` in nats.
    ///
    /// Of the checkerboard it is `ln 32`; the others are integrals of
    /// [`log_density`](Self::log_density) over a fine grid, done once.
    pub fn entropy(self) -> f64 {
        match self {
            Self::TwoMoons => 1.007_584_834_8,
            Self::Rings => 2.845_351_160_3,
            Self::Checkerboard => 5.0 * std::f64::consts::LN_2,
            Self::Pinwheel => 2.320_588_485,
            Self::EightGaussians => 1.698_061_203_1,
            Self::Spirals => 2.540_617_894_3,
        }
    }

    /// A rectangle `[x from, x to, y from, y to]` outside which lies less than 10⁻⁶ of the mass.
    pub fn bounds(self) -> [f64; 4] {
        match self {
            Self::TwoMoons => [-1.6, 2.6, -1.1, 1.6],
            Self::Rings => [-3.6, 3.6, -3.6, 3.6],
            Self::Checkerboard => [-4.0, 4.0, -4.0, 4.0],
            Self::Pinwheel => [-5.2, 5.2, -5.2, 5.2],
            Self::EightGaussians => [-3.2, 3.2, -3.2, 3.2],
            Self::Spirals => [-3.8, 3.8, -3.8, 3.8],
        }
    }

    fn draw(self, rng: &mut ChaCha8Rng) -> [f64; 2] {
        match self {
            Self::TwoMoons => two_moons::draw(rng),
            Self::Rings => rings::draw(rng),
            Self::Checkerboard => checkerboard::draw(rng),
            Self::Pinwheel => pinwheel::draw(rng),
            Self::EightGaussians => eight_gaussians::draw(rng),
            Self::Spirals => spirals::draw(rng),
        }
    }
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
