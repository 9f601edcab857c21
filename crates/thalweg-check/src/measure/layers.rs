//! The layers one by one.

use serde::Serialize;
use thalweg_flow::walk::{Detail, Usage, Visitor};
use thalweg_flow::{Bijection, Condition as Given};

use super::jacobian::difference;
use super::names::{joined, short};
use super::{Case, Deviation, flat, row};
use crate::Subject;

/// A layer, at the inputs that the rows give it.
///
/// ```
/// use burn::tensor::{DType, Device, Tensor};
/// use thalweg_check::{Condition, Layer, Options, check};
/// use thalweg_flow::{DiagonalScale, Flow, Noise, base::StandardNormal};
///
/// let device = Device::default();
/// let scale = DiagonalScale::<2>::from_log_scale(Tensor::from_floats([1.0, 0.0], &device));
/// let flow = Flow::new(scale, StandardNormal::new(2));
/// let rows = Noise::seeded(0).normal::<2>([20, 2], &device, DType::F32);
/// let report = check(&flow, &rows, &Options { evaluations: 20_000, ..Options::default() })?;
/// let layer: &Layer = &report.layers[0];
/// assert_eq!((report.layers.len(), layer.kind.as_str()), (1, "DiagonalScale"));
/// assert!(layer.data.largest < 1e-6 && layer.log_det.is_some_and(|error| error < 1e-6));
///
/// let Condition { ratio, diagonal, .. } = layer.conditions[0];
/// assert!(diagonal); // of the scales `e` and 1
/// assert!(ratio.is_some_and(|ratio| (ratio - 1_f64.exp()).abs() < 1e-5));
/// # Ok::<(), thalweg_check::CheckError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Layer {
    /// Its path of steps, such as `steps 3 / coupling`.
    pub path: String,
    /// Its type.
    pub kind: String,
    /// `|f⁻¹(f(x)) − x|` of this layer alone, in the units of its input.
    pub data: Deviation,
    /// `|f(f⁻¹(z)) − z|` of this layer alone, in the units of its output.
    pub latents: Deviation,
    /// `|ln |det J| − autodiff|` for each number of a sample, where the layer is not too wide for a Jacobian.
    pub log_det: Option<f64>,
    /// Of the linear maps of the layer.
    pub conditions: Vec<Condition>,
    /// The use of scales and splines.
    pub usages: Vec<Usage>,
}

/// The condition number of a linear map.
///
/// See [`Layer`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Condition {
    /// Features of the map.
    pub features: usize,
    /// `σ_max / σ_min`; `None` for a matrix that is too wide.
    pub ratio: Option<f64>,
    /// Whether the map scales each feature by itself. Then a large ratio loses no digits, and it is not judged.
    pub diagonal: bool,
}

/// The layers of the flow. The bijection must be defined at the rows: a continuous one panics where its integration
/// fails.
pub(crate) fn layers<S: Subject<D>, const D: usize>(case: &Case<S, D>) -> Vec<Layer> {
    let bijection = &case.model.flow().bijection;
    let (x, _) = case.model.enter(case.x.clone());
    let mut trips = Trips {
        path: vec![],
        matrix_width: case.options.matrix_width,
        layers: vec![],
    };
    bijection.walk(x.clone(), &case.context, &mut trips);
    let mut layers = trips.layers;
    for index in 0..case.rows().min(case.options.jacobians) {
        let context = case.context.part_of(index..index + 1, case.rows());
        let mut jacobians = Jacobians {
            most: case.options.jacobian_width,
            found: vec![],
        };
        bijection.walk(row(&x, index), &context, &mut jacobians);
        for (layer, found) in layers.iter_mut().zip(jacobians.found) {
            layer.log_det = match (layer.log_det, found) {
                (Some(before), Some(found)) => Some(before.max(found)),
                (before, found) => before.or(found),
            };
        }
    }
    layers
}

/// Sends each layer's input there and back.
struct Trips {
    path: Vec<String>,
    matrix_width: usize,
    layers: Vec<Layer>,
}

impl Visitor for Trips {
    fn enter(&mut self, step: String) {
        self.path.push(step);
    }

    fn exit(&mut self) {
        self.path.pop();
    }

    fn layer<C, B: Bijection<C>>(
        &mut self,
        layer: &B,
        x: B::Data,
        context: &C,
        details: Vec<Detail>,
    ) -> B::Latent {
        let (z, _) = layer.forward(x.clone(), context);
        let (back, _) = layer.inverse(z.clone(), context);
        let (again, _) = layer.forward(back.clone(), context);
        let kind = short(std::any::type_name::<B>());
        let (mut conditions, mut usages) = (vec![], vec![]);
        for detail in details {
            match &detail {
                Detail::Matrix(weight) => {
                    let features = weight.dims()[0];
                    let narrow = features <= self.matrix_width;
                    conditions.push(Condition {
                        features,
                        ratio: narrow.then(|| detail.condition_number()).flatten(),
                        diagonal: false,
                    });
                }
                Detail::Diagonal(log_scale) => conditions.push(Condition {
                    features: log_scale.dims()[0],
                    ratio: detail.condition_number(),
                    diagonal: true,
                }),
                Detail::Usage(usage) => usages.push(*usage),
                _ => {}
            }
        }
        self.layers.push(Layer {
            path: joined(&self.path, &kind),
            kind,
            data: Deviation::of(flat(&x), flat(&back)),
            latents: Deviation::of(flat(&z), flat(&again)),
            log_det: None,
            conditions,
            usages,
        });
        z
    }
}

/// Compares each layer's log-determinant with its Jacobian, in one row.
struct Jacobians {
    most: usize,
    found: Vec<Option<f64>>,
}

impl Visitor for Jacobians {
    fn layer<C, B: Bijection<C>>(
        &mut self,
        layer: &B,
        x: B::Data,
        context: &C,
        _: Vec<Detail>,
    ) -> B::Latent {
        let n = flat(&x).dims()[1];
        self.found.push((n <= self.most).then(|| {
            let difference = difference(layer, &x, context);
            difference.map_or(f64::INFINITY, |nats| nats / n as f64)
        }));
        layer.forward(x, context).0
    }
}
