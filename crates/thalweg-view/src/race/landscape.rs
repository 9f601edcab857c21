//! Functions of the plane to descend.

use serde::{Deserialize, Serialize};
use thalweg::burn::tensor::Tensor;

/// A function of the plane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Landscape {
    /// Rosenbrock's `(1 − x)² + 100 (y − x²)²`: a bent, narrow valley.
    Valley,
    /// `½ (x² + 50 y²)`: steep one way and flat the other.
    Bowl,
    /// `(x² − 1)² + 0.3 x + y²`: a shallow well on the right, a deeper one on the left.
    TwoWells,
    /// Himmelblau's `(x² + y − 11)² + (x + y² − 7)²`: four wells, all of height 0.
    FourWells,
}

/// What the page says of a landscape.
#[derive(Debug, Serialize)]
pub(crate) struct AboutLandscape {
    name: Landscape,
    bounds: [f64; 4],
    /// Where the race begins, unless the reader chooses another place.
    start: [f64; 2],
    lowest: &'static [[f64; 2]],
}

impl Landscape {
    pub(crate) const ALL: [Self; 4] = [Self::Valley, Self::Bowl, Self::TwoWells, Self::FourWells];

    /// The heights at points.
    pub(super) fn height(self, x: Tensor<1>, y: Tensor<1>) -> Tensor<1> {
        match self {
            Self::Valley => {
                let beside = (y - x.clone().square()).square();
                (x - 1.0).square() + beside.mul_scalar(100.0)
            }
            Self::Bowl => (x.square() + y.square().mul_scalar(50.0)).mul_scalar(0.5),
            Self::TwoWells => (x.clone().square() - 1.0).square() + x.mul_scalar(0.3) + y.square(),
            Self::FourWells => {
                let first = x.clone().square() + y.clone() - 11.0;
                first.square() + (x + y.square() - 7.0).square()
            }
        }
    }

    /// Left, right, low, high.
    pub(super) fn bounds(self) -> [f64; 4] {
        match self {
            Self::Valley => [-2.0, 2.0, -1.0, 3.0],
            Self::Bowl | Self::TwoWells => [-2.0, 2.0, -2.0, 2.0],
            Self::FourWells => [-5.0, 5.0, -5.0, 5.0],
        }
    }

    /// How much longer steps may be than in the valley, whose walls are the steepest.
    pub(super) fn pace(self) -> f64 {
        match self {
            Self::Valley => 1.0,
            Self::Bowl | Self::TwoWells => 20.0,
            Self::FourWells => 5.0,
        }
    }

    pub(crate) fn about(self) -> AboutLandscape {
        let (start, lowest): (_, &[_]) = match self {
            Self::Valley => ([-1.2, 1.0], &[[1.0, 1.0]]),
            Self::Bowl => ([-1.8, 1.0], &[[0.0, 0.0]]),
            Self::TwoWells => ([1.9, 0.8], &[[-1.0356, 0.0]]),
            Self::FourWells => (
                // Far from the maximum in the middle, where a long implicit step ends too.
                [-1.0, -4.5],
                &[
                    [3.0, 2.0],
                    [-2.8051, 3.1313],
                    [-3.7793, -3.2832],
                    [3.5844, -1.8481],
                ],
            ),
        };
        AboutLandscape {
            name: self,
            bounds: self.bounds(),
            start,
            lowest,
        }
    }
}
