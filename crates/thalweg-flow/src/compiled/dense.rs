//! Products of a vector and a matrix.

use thalweg_kernels::{PackedMatrix, add_products};

use super::assert_same_length;

/// `y = x W + b` for one vector.
///
/// The loops are compiled for several instruction sets; the processor chooses at run time. Products and
/// sums are rounded alike and have one order in all of them.
#[derive(Debug)]
pub(super) struct Dense {
    inputs: usize,
    weight: Weight,
    bias: Vec<f32>,
}

/// The matrix, in the order in which it is read.
#[derive(Debug)]
enum Weight {
    /// Multiples of the inputs' rows are added. For many outputs. An input of 0, which ReLU often gives,
    /// costs nothing.
    Inputs(PackedMatrix),
    /// One row an output, the sum of products with the inputs. For few outputs.
    Outputs(Vec<f32>),
}

/// From this number of outputs on, rows of the inputs fill the vectors.
const MANY: usize = 16;

impl Dense {
    /// Of a matrix with one row an output, and a bias.
    pub(super) fn of_rows(rows: &[f32], bias: Vec<f32>) -> Self {
        let (outputs, inputs) = (bias.len(), rows.len() / bias.len().max(1));
        let of = |input, output| rows[output * inputs + input];
        let weight = match outputs < MANY {
            true => Weight::Outputs(rows.to_vec()),
            false => Weight::Inputs(PackedMatrix::new([inputs, outputs], of)),
        };
        Self {
            inputs,
            weight,
            bias,
        }
    }

    /// The numbers of inputs and outputs.
    pub(super) fn sizes(&self) -> [usize; 2] {
        [self.inputs, self.bias.len()]
    }

    /// Fills `y` with `x W + b`.
    ///
    /// # Panics
    ///
    /// When `x` or `y` has another length.
    pub(super) fn apply(&self, x: &[f32], y: &mut [f32]) {
        y.copy_from_slice(&self.bias);
        self.add(x, y);
    }

    /// Fills `y` with `x W`, the tangent of [`apply`](Self::apply) in the direction `x`.
    ///
    /// # Panics
    ///
    /// As there.
    pub(super) fn tangent(&self, x: &[f32], y: &mut [f32]) {
        assert_same_length(self.bias.len(), y);
        y.fill(0.0);
        self.add(x, y);
    }

    /// `y += x W`.
    fn add(&self, x: &[f32], y: &mut [f32]) {
        assert_same_length(self.inputs, x);
        match &self.weight {
            Weight::Inputs(weight) => weight.add(x, y),
            Weight::Outputs(weight) => add_products(x, weight, y),
        }
    }
}
