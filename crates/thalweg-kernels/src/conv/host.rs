//! Convolutions on the host.

use std::borrow::Cow;
use std::sync::Arc;

use burn::tensor::Tensor;

use super::shifts::{Look, Shifts};
use super::{Activate, Conv};
use crate::host::activate::Monotone;
use crate::host::product::{Matrix, Threads, product};
use crate::host::share::map;
use crate::host::sums::{Sum, sums_of_columns, sums_of_products};
use crate::host::{HostOp, Input, Pass, run as run_on_host};

/// Positions that go through all layers together: enough columns for a product of matrices, and
/// their activations fit the cache of a processor.
const PIECE: usize = 256;

pub(super) fn run(x: &Tensor<4>, layers: &[Conv], activate: Activate) -> Option<Tensor<4>> {
    let (activation, first) = match activate {
        Activate::Between(activation) => (activation, false),
        Activate::Before(activation) => (activation, true),
    };
    let activation = Monotone::of(activation)?;
    let mut inputs = vec![Input::from(x)];
    for Conv { weight, bias } in layers {
        inputs.push(weight.into());
        inputs.extend(bias.as_ref().map(Input::from));
    }
    run_on_host(inputs, || {
        let [batch, channels, height, width] = x.dims();
        let layers = layers.iter().map(|layer| {
            let [outputs, inputs, side, _] = layer.weight.dims();
            LayerSize {
                inputs,
                outputs,
                side,
                biased: layer.bias.is_some(),
            }
        });
        Arc::new(ConvOp {
            batch,
            channels,
            height,
            width,
            layers: layers.collect(),
            activation,
            first,
        })
    })
}

#[derive(Debug, Clone, Copy)]
struct LayerSize {
    inputs: usize,
    outputs: usize,
    side: usize,
    biased: bool,
}

/// Inputs: the images, then each layer's kernel and, if it has one, its bias.
///
/// Kept: for each piece of images, the input of each layer after its activation, one row a channel.
/// The first layer's are the images themselves, unless an activation stands in front.
#[derive(Debug)]
struct ConvOp {
    batch: usize,
    channels: usize,
    height: usize,
    width: usize,
    layers: Vec<LayerSize>,
    activation: Monotone,
    /// Whether the activation stands in front of the first layer too.
    first: bool,
}

/// A layer as a product of matrices.
struct Layer<'a> {
    size: LayerSize,
    shifts: Shifts,
    /// `[outputs, inputs · k²]` for copies of the inputs, `[outputs · k², inputs]` for sums of the
    /// outputs.
    kernel: Cow<'a, [f32]>,
    bias: Option<&'a [f32]>,
    at: usize,
}

impl Layer<'_> {
    /// Whether the inputs are copied, being fewer than the outputs.
    fn spreads(&self) -> bool {
        self.size.inputs <= self.size.outputs
    }

    fn kernel(&self) -> Matrix<'_> {
        let (outputs, inputs) = (self.size.outputs, self.size.inputs);
        match self.spreads() {
            true => Matrix::new(&self.kernel, outputs, inputs * self.shifts.count()),
            false => Matrix::new(&self.kernel, outputs * self.shifts.count(), inputs),
        }
    }

    /// What the kernel is multiplied by.
    fn operand<'x>(&self, x: &'x [f32], columns: usize) -> Cow<'x, [f32]> {
        match self.spreads() && self.size.side > 1 {
            true => Cow::Owned(self.shifts.spread(x, columns, Look::Along)),
            false => Cow::Borrowed(x),
        }
    }

    fn forward(&self, x: &[f32], columns: usize, after: Monotone, threads: Threads) -> Vec<f32> {
        let (kernel, operand) = (self.kernel(), self.operand(x, columns));
        let operand = Matrix::new(&operand, kernel.columns(), columns);
        let mut y = product(kernel, operand, threads);
        if !self.spreads() && self.size.side > 1 {
            y = self.shifts.gather(y, columns, Look::Along);
        }
        match self.bias {
            Some(bias) => after.finish_rows(&mut y, columns, bias),
            None => after.apply(&mut y),
        }
        y
    }

    /// The gradient of what the product gives.
    fn product_gradient<'g>(&self, gradient: &'g [f32], columns: usize) -> Cow<'g, [f32]> {
        match self.spreads() || self.size.side == 1 {
            true => Cow::Borrowed(gradient),
            false => Cow::Owned(self.shifts.spread(gradient, columns, Look::Against)),
        }
    }

    /// The gradient of the layer's input, given [`product_gradient`](Self::product_gradient).
    fn input_gradient(&self, gradient: &[f32], columns: usize, threads: Threads) -> Vec<f32> {
        let kernel = self.kernel().transposed();
        let gradient = Matrix::new(gradient, kernel.columns(), columns);
        let x = product(kernel, gradient, threads);
        match self.spreads() && self.size.side > 1 {
            true => self.shifts.gather(x, columns, Look::Against),
            false => x,
        }
    }
}

/// `[a, b, c]` as `[a, c, b]`.
fn swapped(values: &[f32], [b, c]: [usize; 2]) -> Vec<f32> {
    let mut out = vec![0.0; values.len()];
    for (out, matrix) in out.chunks_exact_mut(b * c).zip(values.chunks_exact(b * c)) {
        for (j, column) in out.chunks_exact_mut(b).enumerate() {
            for (out, row) in column.iter_mut().zip(matrix.chunks_exact(c)) {
                *out = row[j];
            }
        }
    }
    out
}

/// Images of a piece, one row a channel: `[images, channels, positions]` as `[channels, images,
/// positions]`, or the other way round.
fn regrouped(x: &[f32], [images, channels, positions]: [usize; 3]) -> Cow<'_, [f32]> {
    if images == 1 || channels == 1 {
        return Cow::Borrowed(x);
    }
    let mut out = Vec::with_capacity(x.len());
    for channel in 0..channels {
        for image in x.chunks_exact(channels * positions) {
            out.extend_from_slice(&image[channel * positions..][..positions]);
        }
    }
    Cow::Owned(out)
}

impl ConvOp {
    fn layers<'a>(&self, inputs: &[&'a [f32]]) -> Vec<Layer<'a>> {
        let mut at = 1;
        let layers = self.layers.iter().map(|size| {
            let shifts = Shifts {
                side: size.side,
                height: self.height,
                width: self.width,
            };
            let kernel = inputs[at];
            let kernel = match size.inputs <= size.outputs || size.side == 1 {
                true => Cow::Borrowed(kernel),
                false => Cow::Owned(swapped(kernel, [size.inputs, shifts.count()])),
            };
            let layer = Layer {
                size: *size,
                shifts,
                kernel,
                bias: size.biased.then(|| inputs[at + 1]),
                at,
            };
            at += 1 + usize::from(size.biased);
            layer
        });
        layers.collect()
    }

    fn positions(&self) -> usize {
        self.height * self.width
    }

    fn outputs(&self) -> usize {
        self.layers
            .last()
            .map_or(self.channels, |layer| layer.outputs)
    }

    /// Images a piece, and who multiplies.
    fn pieces(&self) -> (usize, Threads) {
        let images = PIECE.div_ceil(self.positions().max(1)).max(1);
        match self.batch < 2 * images {
            true => (self.batch.max(1), Threads::All),
            false => (images, Threads::One),
        }
    }
}

impl HostOp for ConvOp {
    fn shape(&self) -> Vec<usize> {
        vec![self.batch, self.outputs(), self.height, self.width]
    }

    fn forward(&self, inputs: &[&[f32]], kept: Option<&mut Vec<Vec<f32>>>) -> Vec<f32> {
        let (layers, (piece, threads)) = (self.layers(inputs), self.pieces());
        let (positions, keep) = (self.positions(), kept.is_some());
        let done = map(inputs[0].chunks(piece * self.channels * positions), |x| {
            let images = x.len() / (self.channels * positions);
            let columns = images * positions;
            let mut hidden: Vec<Vec<f32>> = vec![];
            let mut x = regrouped(x, [images, self.channels, positions]);
            if self.first {
                self.activation.apply(x.to_mut());
            }
            for (index, layer) in layers.iter().enumerate() {
                let after = match index + 1 < layers.len() {
                    true => self.activation,
                    false => Monotone::Identity,
                };
                let y = layer.forward(&x, columns, after, threads);
                let x = std::mem::replace(&mut x, Cow::Owned(y));
                if keep && (index > 0 || self.first) {
                    hidden.push(x.into_owned());
                }
            }
            let y = regrouped(&x, [self.outputs(), images, positions]).into_owned();
            (y, hidden)
        });
        let (outputs, hidden): (Vec<_>, Vec<_>) = done.into_iter().unzip();
        if let Some(kept) = kept {
            *kept = hidden.into_iter().flatten().collect();
        }
        outputs.concat()
    }

    fn backward(&self, pass: Pass<'_>) -> Vec<Option<Vec<f32>>> {
        let (layers, (piece, threads)) = (self.layers(pass.inputs), self.pieces());
        let (positions, count) = (self.positions(), layers.len());
        let each = if self.first { count } else { count - 1 };
        let kept = pass
            .kept
            .chunks(each.max(1))
            .chain(std::iter::repeat(&[][..]));
        let x = pass.inputs[0].chunks(piece * self.channels * positions);
        let gradient = pass.gradient.chunks(piece * self.outputs() * positions);
        let pieces: Vec<_> = x.zip(gradient).zip(kept).collect();
        let pieces = map(pieces.into_iter(), |((x, gradient), kept)| {
            let images = x.len() / (self.channels * positions);
            let columns = images * positions;
            let mut inputs: Vec<Cow<'_, [f32]>> = vec![];
            if !self.first {
                inputs.push(regrouped(x, [images, self.channels, positions]));
            }
            inputs.extend(kept.iter().map(|x| Cow::Borrowed(x.as_slice())));
            let mut gradient = regrouped(gradient, [images, self.outputs(), positions]);
            let mut gradients = vec![];
            for (index, layer) in layers.iter().enumerate().rev() {
                let of_product = match layer.product_gradient(&gradient, columns) {
                    Cow::Owned(spread) => Some(spread),
                    Cow::Borrowed(_) => None,
                };
                let next = (index > 0 || pass.wanted[0]).then(|| {
                    let of_product = of_product.as_deref().unwrap_or(&gradient);
                    let mut x = layer.input_gradient(of_product, columns, threads);
                    if index > 0 || self.first {
                        self.activation.slope(&mut x, &inputs[index]);
                    }
                    Cow::Owned(x)
                });
                let of_output = std::mem::replace(&mut gradient, next.unwrap_or_default());
                let input = match &inputs[index] {
                    Cow::Borrowed(x) => layer.operand(x, columns),
                    Cow::Owned(x) => Cow::Owned(layer.operand(x, columns).into_owned()),
                };
                gradients.push(LayerGradient {
                    input,
                    columns,
                    of_product,
                    of_output,
                });
            }
            gradients.reverse();
            let to_x = regrouped(&gradient, [self.channels, images, positions]).into_owned();
            (to_x, gradients)
        });
        let (to_x, pieces): (Vec<_>, Vec<_>) = pieces.into_iter().unzip();
        let mut found = vec![None; pass.inputs.len()];
        if pass.wanted[0] {
            found[0] = Some(to_x.concat());
        }
        let wanted: Vec<_> = (0..count).filter(|&i| pass.wanted[layers[i].at]).collect();
        let sums = wanted.iter().map(|&index| {
            let kernel = layers[index].kernel();
            let terms = pieces.iter().map(|piece| piece[index].term(kernel));
            Sum {
                rows: kernel.rows(),
                columns: kernel.columns(),
                terms: terms.collect(),
            }
        });
        let weights = sums_of_products(&sums.collect::<Vec<_>>());
        for (&index, gradient) in wanted.iter().zip(weights) {
            let Layer { size, shifts, .. } = layers[index];
            found[layers[index].at] = Some(match size.inputs <= size.outputs || size.side == 1 {
                true => gradient,
                false => swapped(&gradient, [shifts.count(), size.inputs]),
            });
        }
        for (index, layer) in layers.iter().enumerate() {
            if layer.bias.is_some() && pass.wanted[layer.at + 1] {
                let parts = pieces.iter().map(|piece| {
                    let LayerGradient {
                        of_output, columns, ..
                    } = &piece[index];
                    (&**of_output, *columns)
                });
                found[layer.at + 1] = Some(sums_of_columns(parts, layer.size.outputs));
            }
        }
        found
    }
}

/// What the gradients of a layer's parameters are made of, for one piece.
struct LayerGradient<'a> {
    /// What the kernel was multiplied by.
    input: Cow<'a, [f32]>,
    columns: usize,
    /// `None` where it is that of the output.
    of_product: Option<Vec<f32>>,
    of_output: Cow<'a, [f32]>,
}

impl LayerGradient<'_> {
    /// The product of matrices that the gradient of the kernel is the sum of.
    fn term(&self, kernel: Matrix<'_>) -> (Matrix<'_>, Matrix<'_>) {
        let gradient = self.of_product.as_deref().unwrap_or(&self.of_output);
        let input = Matrix::new(&self.input, kernel.columns(), self.columns);
        (
            Matrix::new(gradient, kernel.rows(), self.columns),
            input.transposed(),
        )
    }
}
