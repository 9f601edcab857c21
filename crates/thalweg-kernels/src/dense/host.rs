//! Dense layers on the host.

use std::sync::Arc;

use burn::tensor::Tensor;

use super::Dense;
use crate::Activation;
use crate::host::activate::Monotone;
use crate::host::product::{Matrix, Threads, product};
use crate::host::share::map;
use crate::host::sums::{Sum, sums_of_products, sums_of_rows};
use crate::host::{HostOp, Input, Pass, run as run_on_host};

/// Rows that go through all layers together: their activations fit the cache of a processor.
const PIECE: usize = 128;

/// Weights of a layer above which a piece of rows costs more to fetch weights for than to multiply,
/// so that the threads had better share each product.
const LARGE: usize = 1 << 18;

pub(super) fn run(
    x: &Tensor<2>,
    layers: &[Dense],
    activation: Activation,
    last: Option<Activation>,
) -> Option<Tensor<2>> {
    let between = Monotone::of(activation)?;
    let last = last.map_or(Some(Monotone::Identity), Monotone::of)?;
    let mut inputs = vec![Input::from(x)];
    for Dense { weight, bias } in layers {
        inputs.push(weight.into());
        inputs.extend(bias.as_ref().map(Input::from));
    }
    run_on_host(inputs, || {
        let [rows, width] = x.dims();
        let outputs = layers.iter().map(|layer| layer.weight.dims()[1]);
        Arc::new(DenseOp {
            rows,
            widths: std::iter::once(width).chain(outputs).collect(),
            biased: layers.iter().map(|layer| layer.bias.is_some()).collect(),
            between,
            last,
        })
    })
}

/// Inputs: the rows, then each layer's weight and, if it has one, its bias.
///
/// Kept: for each piece of rows, the outputs of all layers that the way back wants.
#[derive(Debug)]
struct DenseOp {
    rows: usize,
    widths: Vec<usize>,
    biased: Vec<bool>,
    between: Monotone,
    last: Monotone,
}

/// A layer's weight and bias, and where they stand among the inputs.
#[derive(Clone, Copy)]
struct Layer<'a> {
    weight: Matrix<'a>,
    bias: Option<&'a [f32]>,
    index: usize,
    at: usize,
    after: Monotone,
}

impl DenseOp {
    fn layers<'a>(&self, inputs: &[&'a [f32]]) -> Vec<Layer<'a>> {
        let (mut at, count) = (1, self.biased.len());
        let mut layers = Vec::with_capacity(count);
        for (index, biased) in self.biased.iter().enumerate() {
            let widths = (self.widths[index], self.widths[index + 1]);
            layers.push(Layer {
                weight: Matrix::new(inputs[at], widths.0, widths.1),
                bias: biased.then(|| inputs[at + 1]),
                index,
                at,
                after: if index + 1 == count {
                    self.last
                } else {
                    self.between
                },
            });
            at += 1 + usize::from(*biased);
        }
        layers
    }

    /// Rows a piece, and who multiplies.
    fn pieces(&self) -> (usize, Threads) {
        let largest = self.widths.windows(2).map(|pair| pair[0] * pair[1]).max();
        match largest > Some(LARGE) || self.rows < 2 * PIECE {
            true => (self.rows.max(1), Threads::All),
            false => (PIECE, Threads::One),
        }
    }

    fn keeps_output(&self) -> bool {
        self.last != Monotone::Identity
    }
}

impl HostOp for DenseOp {
    fn shape(&self) -> Vec<usize> {
        vec![self.rows, self.widths[self.widths.len() - 1]]
    }

    fn forward(&self, inputs: &[&[f32]], kept: Option<&mut Vec<Vec<f32>>>) -> Vec<f32> {
        let (layers, (piece, threads)) = (self.layers(inputs), self.pieces());
        let (width, outputs) = (self.widths[0], self.widths[layers.len()]);
        let keep = kept.is_some();
        let pieces = inputs[0].chunks(piece * width);
        let done = map(pieces, |x| {
            let rows = x.len() / width;
            let mut hidden: Vec<Vec<f32>> = vec![];
            for Layer {
                weight,
                bias,
                after,
                ..
            } in &layers
            {
                let x = Matrix::new(hidden.last().map_or(x, Vec::as_slice), rows, weight.rows());
                let mut y = product(x, *weight, threads);
                match bias {
                    Some(bias) => after.finish_columns(&mut y, bias),
                    None => after.apply(&mut y),
                }
                if !keep {
                    hidden.clear();
                }
                hidden.push(y);
            }
            hidden
        });
        let mut output = Vec::with_capacity(self.rows * outputs);
        let mut all = vec![];
        for mut hidden in done {
            output.extend_from_slice(hidden.last().map_or(&[], Vec::as_slice));
            if !self.keeps_output() {
                hidden.pop();
            }
            all.extend(hidden);
        }
        if let Some(kept) = kept {
            *kept = all;
        }
        output
    }

    fn backward(&self, pass: Pass<'_>) -> Vec<Option<Vec<f32>>> {
        let (layers, (piece, threads)) = (self.layers(pass.inputs), self.pieces());
        let (count, width, outputs) = (layers.len(), self.widths[0], self.widths[layers.len()]);
        let each = if self.keeps_output() {
            count
        } else {
            count - 1
        };
        let kept = pass.kept.chunks(each.max(1)).map(Some);
        let kept = kept.chain(std::iter::repeat(None));
        let x = pass.inputs[0].chunks(piece * width);
        let pieces = x.zip(pass.gradient.chunks(piece * outputs)).zip(kept);
        let pieces: Vec<_> = pieces.collect();
        // Each piece's gradients of the outputs of all layers, last to first, and of the rows.
        let gradients = map(pieces.iter(), |((x, gradient), kept)| {
            let rows = x.len() / width;
            let mut gradient = gradient.to_vec();
            if self.keeps_output() {
                self.last
                    .slope(&mut gradient, &kept.expect("outputs")[count - 1]);
            }
            let mut gradients = vec![gradient];
            for (index, layer) in layers.iter().enumerate().rev() {
                if index == 0 && !pass.wanted[0] {
                    break;
                }
                let y = gradients.last().expect("one is there already");
                let y = Matrix::new(y, rows, layer.weight.columns());
                let mut x = product(y, layer.weight.transposed(), threads);
                if index > 0 {
                    self.between
                        .slope(&mut x, &kept.expect("hidden layers")[index - 1]);
                }
                gradients.push(x);
            }
            gradients
        });
        let mut found = vec![None; pass.inputs.len()];
        if pass.wanted[0] {
            let each = gradients.iter().map(|of_piece| of_piece[count].as_slice());
            found[0] = Some(each.collect::<Vec<_>>().concat());
        }
        let of_layer = |index: usize| {
            pieces
                .iter()
                .zip(&gradients)
                .map(move |(((x, _), kept), gradients)| {
                    let input = match index {
                        0 => *x,
                        _ => &kept.expect("hidden layers")[index - 1],
                    };
                    (input, gradients[count - 1 - index].as_slice())
                })
        };
        let wanted = |layer: &&Layer<'_>| pass.wanted[layer.at];
        let sums = layers.iter().filter(wanted).map(|layer| {
            let (inputs, outputs) = (layer.weight.rows(), layer.weight.columns());
            let terms = of_layer(layer.index).map(|(x, gradient)| {
                let rows = x.len() / inputs;
                let x = Matrix::new(x, rows, inputs).transposed();
                (x, Matrix::new(gradient, rows, outputs))
            });
            Sum {
                rows: inputs,
                columns: outputs,
                terms: terms.collect(),
            }
        });
        let weights = sums_of_products(&sums.collect::<Vec<_>>());
        for (layer, gradient) in layers.iter().filter(wanted).zip(weights) {
            found[layer.at] = Some(gradient);
        }
        for layer in &layers {
            if layer.bias.is_some() && pass.wanted[layer.at + 1] {
                let gradients = of_layer(layer.index).map(|(_, gradient)| gradient);
                found[layer.at + 1] = Some(sums_of_rows(gradients, layer.weight.columns()));
            }
        }
        found
    }
}
