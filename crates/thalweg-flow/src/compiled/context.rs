//! Contexts: one row a sample, or one for all.

use std::mem::take;
use std::ops::Range;

use burn::module::{Module, ModuleDisplay};
use burn::tensor::{Int, Tensor};

use super::scratch::sized;
use super::{
    CompiledNetwork, Lower, LowerNetwork, Lowering, Scratch, assert_same_length, host_f32,
};
use crate::{Embedded, Embedding, LabelEmbedding, Mlp};

/// A context that compiled flows take, and its rows on the host: numbers for `Tensor<2>`, labels for
/// `Tensor<1, Int>`, and `()` for none.
///
/// See [`CompiledFlow`](super::CompiledFlow) for an example.
pub trait CompiledContext {
    /// One row a sample, or one for all.
    type Rows: ToOwned + ?Sized;

    /// The rows, for steps.
    fn rows(rows: &Self::Rows) -> ContextRows<'_>;

    /// The rows of a tensor.
    fn to_host(&self) -> <Self::Rows as ToOwned>::Owned;
}

/// The rows of a context.
///
/// ```
/// use thalweg_flow::compiled::{CompiledContext, ContextRows};
/// use burn::tensor::{Int, Tensor};
///
/// let rows = <Tensor<1, Int> as CompiledContext>::rows(&[3, 7]);
/// assert!(matches!(rows, ContextRows::Labels([3, 7])));
/// ```
#[derive(Debug, Clone, Copy)]
pub enum ContextRows<'a> {
    /// No context.
    None,
    /// Vectors, one after the other.
    Vectors(&'a [f32]),
    /// Class labels.
    Labels(&'a [usize]),
}

impl CompiledContext for () {
    type Rows = ();

    fn rows((): &()) -> ContextRows<'_> {
        ContextRows::None
    }

    fn to_host(&self) {}
}

impl CompiledContext for Tensor<2> {
    type Rows = [f32];

    fn rows(rows: &[f32]) -> ContextRows<'_> {
        ContextRows::Vectors(rows)
    }

    fn to_host(&self) -> Vec<f32> {
        host_f32(self.clone())
    }
}

impl CompiledContext for Tensor<1, Int> {
    type Rows = [usize];

    fn rows(rows: &[usize]) -> ContextRows<'_> {
        ContextRows::Labels(rows)
    }

    fn to_host(&self) -> Vec<usize> {
        let data = self.to_data();
        data.iter::<i64>().map(|label| label as usize).collect()
    }
}

/// The context vectors of the samples of a batch: one row a sample, or one for all.
#[derive(Debug, Clone, Default)]
pub(super) struct Contexts {
    pub(super) numbers: Vec<f32>,
    /// From row to row; 0 where one row is for all samples.
    stride: usize,
}

impl Scratch {
    /// A context vector of a sample; [`Lowering::context`] gives its place.
    ///
    /// See [`Lowering::context`] for an example.
    pub fn context(&self, sample: usize, vector: &Range<usize>) -> &[f32] {
        &self.contexts.numbers[sample * self.contexts.stride..][vector.clone()]
    }

    /// The context vectors of all samples that begin at this place.
    pub(super) fn contexts_from(&self, start: usize) -> thalweg_kernels::Contexts<'_> {
        let Contexts { numbers, stride } = &self.contexts;
        let (numbers, stride) = (&numbers[start..], *stride);
        thalweg_kernels::Contexts { numbers, stride }
    }
}

/// The context vectors of a plan: the given one, and those that embeddings and networks compute.
#[derive(Debug, Default)]
pub(super) struct ContextPlan {
    vectors: Vec<Vector>,
    /// The one that layers read.
    current: Option<usize>,
    /// Numbers of all together.
    width: usize,
}

/// A context vector: its place in a row, and its source.
#[derive(Debug)]
struct Vector {
    at: Range<usize>,
    source: Source,
}

#[derive(Debug)]
enum Source {
    Given,
    /// A row of a table for each label.
    Table(Vec<f32>),
    /// A network of another vector.
    Network(Range<usize>, Box<dyn CompiledNetwork>),
}

impl ContextPlan {
    fn add(&mut self, width: usize, source: Source) -> usize {
        let at = self.width..self.width + width;
        self.width = at.end;
        self.vectors.push(Vector { at, source });
        self.vectors.len() - 1
    }

    /// The samples that the rows are for, if each row is for one.
    fn count(&self, rows: ContextRows<'_>) -> Option<usize> {
        let [Vector { at, source }, ..] = &self.vectors[..] else {
            return None; // Nobody reads the context.
        };
        match (rows, source) {
            (ContextRows::Vectors(rows), Source::Given) => {
                assert!(
                    rows.len().is_multiple_of(at.len()),
                    "{} numbers are no contexts of {}",
                    rows.len(),
                    at.len()
                );
                Some(rows.len() / at.len())
            }
            (ContextRows::Labels(labels), _) => Some(labels.len()),
            _ => None,
        }
    }

    /// # Panics
    ///
    /// Unless the context has one row, or one for each sample.
    pub(super) fn check(&self, rows: ContextRows<'_>, samples: usize) {
        if let Some(count) = self.count(rows) {
            assert!(
                count == 1 || count == samples,
                "a context of {count} rows for {samples} samples: give one row, or one for each"
            );
        }
    }

    /// Computes the context vectors of some of the samples.
    pub(super) fn fill(&self, rows: ContextRows<'_>, samples: Range<usize>, scratch: &mut Scratch) {
        let Some(count) = self.count(rows) else {
            return;
        };
        let samples = if count == 1 { 0..1 } else { samples };
        let (width, count) = (self.width, samples.len());
        let mut contexts = take(&mut scratch.contexts);
        contexts.stride = if count == 1 { 0 } else { width };
        let numbers = sized(&mut contexts.numbers, count * width);
        for Vector { at, source } in &self.vectors {
            let place = |row: usize| row * width + at.start..row * width + at.end;
            match (source, rows) {
                (Source::Given, ContextRows::Vectors(given)) => {
                    let given = given.chunks_exact(at.len()).skip(samples.start);
                    for (row, given) in given.take(count).enumerate() {
                        numbers[place(row)].copy_from_slice(given);
                    }
                }
                (Source::Table(table), ContextRows::Labels(labels)) => {
                    let classes = table.len() / at.len();
                    for (row, &label) in labels[samples.clone()].iter().enumerate() {
                        assert!(
                            label < classes,
                            "label {label} is none of {classes} classes"
                        );
                        let given = &table[label * at.len()..(label + 1) * at.len()];
                        numbers[place(row)].copy_from_slice(given);
                    }
                }
                (Source::Network(from, network), _) => {
                    let mut outputs = take(&mut scratch.outputs);
                    let inputs = &numbers[from.start..];
                    network.apply(inputs, width, &mut outputs, scratch);
                    assert_same_length(count * at.len(), &outputs);
                    for (row, outputs) in outputs.chunks_exact(at.len()).enumerate() {
                        numbers[place(row)].copy_from_slice(outputs);
                    }
                    scratch.outputs = outputs;
                }
                // The types of contexts keep vectors and labels apart.
                (Source::Given | Source::Table(_), _) => {}
            }
        }
        scratch.contexts = contexts;
    }
}

impl Lowering {
    /// The place of the context vector that layers read here, which has this many numbers.
    ///
    /// ```
    /// use std::ops::Range;
    /// use burn::tensor::Tensor;
    /// use thalweg_flow::compiled::{
    ///     Batch, CompiledBijection, Direction, FlowStep, Lower, Lowering, Scratch,
    /// };
    ///
    /// /// `z = x + c`.
    /// struct Shift;
    ///
    /// #[derive(Debug)]
    /// struct ShiftStep {
    ///     context: Range<usize>,
    /// }
    ///
    /// impl FlowStep for ShiftStep {
    ///     fn apply(&self, direction: Direction, x: &mut Batch<'_>, scratch: &mut Scratch) {
    ///         let sign = if direction == Direction::Forward { 1.0 } else { -1.0 };
    ///         x.change(self.context.len(), |sample, x| {
    ///             let context = scratch.context(sample, &self.context);
    ///             x.iter_mut().zip(context).for_each(|(x, c)| *x += sign * c);
    ///             0.0
    ///         });
    ///     }
    /// }
    ///
    /// impl Lower<Tensor<2>> for Shift {
    ///     fn lower(&self, plan: &mut Lowering) {
    ///         let context = plan.context(plan.numbers());
    ///         plan.add(ShiftStep { context });
    ///     }
    /// }
    ///
    /// let compiled = CompiledBijection::<Tensor<2>>::new(&Shift, [2, 1, 1], 1);
    /// let (mut x, context) = ([1.0, 2.0], [10.0, 20.0]);
    /// compiled.apply(Direction::Forward, &mut x, &context, &mut [0.0], &mut Scratch::default());
    /// assert_eq!(x, [11.0, 22.0]);
    /// ```
    ///
    /// # Panics
    ///
    /// When it has another number.
    pub fn context(&mut self, width: usize) -> Range<usize> {
        let contexts = &mut self.contexts;
        let current = *contexts.current.get_or_insert(contexts.vectors.len());
        if current == contexts.vectors.len() {
            contexts.add(width, Source::Given);
        }
        let at = contexts.vectors[current].at.clone();
        assert!(
            at.len() == width,
            "a layer takes a context of {width} numbers and got one of {}",
            at.len()
        );
        at
    }

    /// The place of a further context vector, which a network computes from the one that layers read here.
    pub(super) fn context_by<N: LowerNetwork<(), 2>>(
        &mut self,
        network: &N,
        outputs: usize,
    ) -> Range<usize> {
        let inputs = network
            .inputs()
            .expect("a network of contexts says what it takes");
        self.context_of([inputs, outputs], |plan| {
            network.lower_network(plan, [inputs, 1, 1])
        })
    }

    /// [`context_by`](Self::context_by) of a network of these numbers of inputs and outputs.
    pub(super) fn context_of(
        &mut self,
        [inputs, outputs]: [usize; 2],
        lower: impl FnOnce(&mut Self) -> Box<dyn CompiledNetwork>,
    ) -> Range<usize> {
        let from = self.context(inputs);
        let network = lower(self);
        let index = self.contexts.add(outputs, Source::Network(from, network));
        self.contexts.vectors[index].at.clone()
    }

    /// The steps that `lower` adds read this context vector.
    pub(super) fn embedded<R>(&mut self, vector: usize, lower: impl FnOnce(&mut Self) -> R) -> R {
        let outer = self.contexts.current.replace(vector);
        let result = lower(self);
        self.contexts.current = outer;
        result
    }
}

/// An embedding that has a compiled form.
///
/// [`LabelEmbedding`](crate::LabelEmbedding) implements it; see [`CompiledFlow`](super::CompiledFlow) for a flow with
/// one.
///
/// ```
/// use burn::tensor::Device;
/// use thalweg_flow::compiled::{LowerEmbedding, Lowering};
/// use thalweg_flow::{LabelEmbedding, Noise};
///
/// let labels = LabelEmbedding::new(10, 4, &mut Noise::seeded(0), &Device::default());
/// // Two embeddings of one plan are its first context vector and the second one.
/// let mut plan = Lowering::new([2, 1, 1], 1);
/// let numbers = [(); 2].map(|()| labels.lower_embedding(&mut plan));
/// assert_eq!(numbers, [0, 1]);
/// ```
pub trait LowerEmbedding<C>: Embedding<C> {
    /// Adds the embedded vector to the contexts of a plan, and gives its number among them.
    fn lower_embedding(&self, plan: &mut Lowering) -> usize;
}

impl LowerEmbedding<Tensor<1, Int>> for LabelEmbedding {
    fn lower_embedding(&self, plan: &mut Lowering) -> usize {
        let table = self.table.val();
        let [_, width] = table.dims();
        plan.contexts.add(width, Source::Table(host_f32(table)))
    }
}

impl LowerEmbedding<Tensor<2>> for Mlp {
    fn lower_embedding(&self, plan: &mut Lowering) -> usize {
        let last = self
            .layers
            .last()
            .expect("a perceptron has a layer or more");
        plan.context_by(self, last.weight.val().dims()[1]);
        plan.contexts.vectors.len() - 1
    }
}

impl<C, E: LowerEmbedding<C>, B: Module + ModuleDisplay + Lower<Tensor<2>>> Lower<C>
    for Embedded<E, B>
{
    fn lower(&self, plan: &mut Lowering) {
        let vector = self.embedding.lower_embedding(plan);
        plan.embedded(vector, |plan| self.inner.lower(plan));
    }

    fn data_shape(&self, latent: [usize; 3]) -> [usize; 3] {
        self.inner.data_shape(latent)
    }
}
