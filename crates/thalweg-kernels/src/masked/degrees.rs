//! Which units of a masked network see which.

/// The degrees of the units of a masked network, and so its masks.
///
/// The degree of a unit is a number of features, the first ones in the order: the unit depends on no other.
/// A unit of degree `m` sees those of degree `m` and less in the layer before it. The feature that comes
/// at place `p`, counted from 0, is an input of degree `p + 1`; a context is inputs of degree 0, which every
/// unit sees; and the parameters of the feature at place `p` are outputs of degree `p`. So these depend
/// on the features at the places before `p` alone.
///
/// Inputs are `[features | context]` and outputs are one block a parameter, both in the features' own order.
/// A feature of several inputs, such as a category as its one-hot code, has them all at one degree, and its
/// outputs too; see [`grouped`](Self::grouped).
///
/// ```
/// use thalweg_kernels::Degrees;
///
/// // Feature 1 comes first; two parameters of each feature; one hidden layer.
/// let degrees = Degrees::new(vec![1, 0], 0, 2, vec![vec![1, 1, 1]]);
/// assert_eq!(degrees.levels(), [vec![2, 1], vec![1, 1, 1], vec![1, 0, 1, 0]]);
/// assert_eq!((degrees.order(), degrees.context(), degrees.layers()), (&[1, 0][..], 0, 2));
/// assert_eq!((degrees.features(), degrees.parameters()), (2, Some(2)));
/// // Of the outputs, the parameters of feature 0 see the hidden units, and these see feature 1.
/// assert_eq!(degrees.mask(0), [0.0, 0.0, 0.0, 1.0, 1.0, 1.0]);
/// assert_eq!(degrees.unmasked(), 3 + 6);
/// ```
///
/// # References
///
/// Germain, Gregor, Murray, Larochelle: *MADE: Masked autoencoder for distribution estimation*, 2015, eq. 8
/// to 11.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Degrees {
    order: Vec<usize>,
    context: usize,
    /// The feature of each input and of each output.
    inputs: Vec<usize>,
    outputs: Vec<usize>,
    hidden: Vec<Vec<usize>>,
    residual: bool,
    /// Whether the first layer of a block sees its input as it is.
    plain_entry: bool,
}

/// The units of a level by degree.
///
/// See [`Degrees::arranged`] for an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrangement {
    /// Lowest degree first. Units that no output sees are left out.
    pub units: Vec<usize>,
    /// The units of degree `k` are the `bounds[k] .. bounds[k + 1]` of these.
    pub bounds: Vec<usize>,
}

impl Degrees {
    /// A network whose features come in this order, with these numbers of context inputs and of parameters of each
    /// feature, and the degrees of its hidden units, layer by layer.
    ///
    /// # Panics
    ///
    /// When the order is no permutation, or empty.
    pub fn new(
        order: Vec<usize>,
        context: usize,
        parameters: usize,
        hidden: Vec<Vec<usize>>,
    ) -> Self {
        let features: Vec<usize> = (0..order.len()).collect();
        let outputs = features.repeat(parameters);
        Self::grouped(order, context, [features, outputs], hidden)
    }

    /// A network whose features have any numbers of inputs and of outputs, in any arrangement: given are the
    /// feature of each input and the feature of each output. The context stands behind the inputs.
    ///
    /// ```
    /// use thalweg_kernels::Degrees;
    ///
    /// // Feature 0 has two inputs and two outputs, feature 1 one each.
    /// let features = vec![0, 0, 1];
    /// let degrees = Degrees::grouped(vec![0, 1], 0, [features.clone(), features], vec![vec![1, 1]]);
    /// assert_eq!(degrees.levels(), [vec![1, 1, 2], vec![1, 1], vec![0, 0, 1]]);
    /// assert_eq!((degrees.inputs(), degrees.outputs(), degrees.parameters()), (3, 3, None));
    /// ```
    ///
    /// # Panics
    ///
    /// When the order is no permutation, or empty, and when an input or an output is of no feature.
    pub fn grouped(
        order: Vec<usize>,
        context: usize,
        [inputs, outputs]: [Vec<usize>; 2],
        hidden: Vec<Vec<usize>>,
    ) -> Self {
        let mut sorted = order.clone();
        sorted.sort_unstable();
        assert!(
            !order.is_empty() && sorted.iter().copied().eq(0..order.len()),
            "the order of {} features holds each of them once, got {order:?}",
            order.len()
        );
        if let Some(feature) = inputs.iter().chain(&outputs).find(|of| **of >= order.len()) {
            panic!(
                "inputs and outputs are of features 0..{}, got one of feature {feature}",
                order.len()
            );
        }
        Self {
            order,
            context,
            inputs,
            outputs,
            hidden,
            residual: false,
            plain_entry: false,
        }
    }

    /// The same network where some features enter as the cosine and the sine of an angle: its inputs are
    /// `[others | cosines | sines | context]`, each in the features' own order.
    ///
    /// ```
    /// use thalweg_kernels::Degrees;
    ///
    /// // Feature 0 is an angle.
    /// let degrees = Degrees::new(vec![0, 1], 0, 1, vec![vec![1]]).with_angles(&[0]);
    /// assert_eq!(degrees.levels(), [vec![2, 1, 1], vec![1], vec![0, 1]]);
    /// ```
    ///
    /// # Panics
    ///
    /// When one is no feature.
    pub fn with_angles(self, angles: &[usize]) -> Self {
        let features = self.features();
        if let Some(other) = angles.iter().find(|angle| **angle >= features) {
            panic!("angles are features 0..{features}, got {other}");
        }
        let others = (0..features).filter(|feature| !angles.contains(feature));
        let both = angles.iter().chain(angles).copied();
        Self {
            inputs: others.chain(both).collect(),
            ..self
        }
    }

    /// The same units as a residual network: a first layer, blocks of two layers each whose output is added to
    /// their input, and a last layer.
    ///
    /// ```
    /// use thalweg_kernels::Degrees;
    ///
    /// let hidden = vec![Degrees::spread(4, 2, true); 3];
    /// let degrees = Degrees::new(vec![0, 1], 1, 1, hidden).residual();
    /// assert!(degrees.is_residual());
    /// // Layers 1 and 2 are a block.
    /// assert_eq!([0, 1, 2, 3].map(|layer| degrees.activates(layer)), [false, true, true, false]);
    /// assert_eq!([0, 1, 2, 3].map(|layer| degrees.ends_block(layer)), [false, false, true, false]);
    /// ```
    ///
    /// # Panics
    ///
    /// Unless there is one hidden layer, and two more for each block, all of the same degrees.
    ///
    /// # References
    ///
    /// Nash, Durkan: *Autoregressive energy machines*, 2019, section 3.2.
    pub fn residual(self) -> Self {
        let layers = self.hidden.len();
        assert!(
            !layers.is_multiple_of(2),
            "a residual network has one hidden layer and two for each block, got {layers}"
        );
        for (layer, degrees) in self.hidden.iter().enumerate() {
            assert!(
                *degrees == self.hidden[0],
                "the hidden layers of a residual network have the same degrees, got {:?} in layer 0 and \
                 {degrees:?} in layer {layer}",
                self.hidden[0]
            );
        }
        Self {
            residual: true,
            ..self
        }
    }

    /// The same residual network without the activation in front of each block: `h ← h + W₂ a(W₁ h)`.
    ///
    /// ```
    /// use thalweg_kernels::Degrees;
    ///
    /// let degrees = Degrees::new(vec![0, 1], 0, 1, vec![vec![1]; 3]).residual();
    /// assert!(degrees.activates(1));
    /// assert!(!degrees.with_plain_entry().activates(1));
    /// ```
    ///
    /// # Panics
    ///
    /// When it is not residual.
    pub fn with_plain_entry(self) -> Self {
        assert!(self.residual, "only a residual network has blocks");
        Self {
            plain_entry: true,
            ..self
        }
    }

    /// Degrees of hidden units: as equal in number as they can be, lowest first. Without a context no unit has
    /// degree 0, which would see nothing; with one, such units let the first feature depend on it.
    ///
    /// ```
    /// use thalweg_kernels::Degrees;
    ///
    /// assert_eq!(Degrees::spread(6, 4, false), [1, 1, 2, 2, 3, 3]);
    /// assert_eq!(Degrees::spread(4, 2, true), [0, 0, 1, 1]);
    /// ```
    pub fn spread(units: usize, features: usize, context: bool) -> Vec<usize> {
        let (least, count) = match context {
            true => (0, features),
            false => (1, features.saturating_sub(1).max(1)),
        };
        // The middles of equal parts.
        let degree = |unit| least + (2 * unit + 1) * count / (2 * units);
        (0..units).map(degree).collect()
    }

    /// `order[k]` is the feature that comes at place `k`.
    pub fn order(&self) -> &[usize] {
        &self.order
    }

    /// The number of features.
    pub fn features(&self) -> usize {
        self.order.len()
    }

    /// Numbers of context.
    pub fn context(&self) -> usize {
        self.context
    }

    /// The number of inputs, the context included.
    pub fn inputs(&self) -> usize {
        self.inputs.len() + self.context
    }

    /// The number of outputs.
    pub fn outputs(&self) -> usize {
        self.outputs.len()
    }

    /// Parameters of each feature, in the arrangement of [`new`](Self::new); `None` in another one of the outputs.
    pub fn parameters(&self) -> Option<usize> {
        let (features, count) = (self.features(), self.outputs.len());
        let in_turn = (0..count).map(|output| output % features);
        let is_even = count.is_multiple_of(features) && self.outputs.iter().copied().eq(in_turn);
        is_even.then_some(count / features)
    }

    /// The number of inputs of each feature.
    pub(super) fn inputs_of(&self) -> Vec<usize> {
        let mut counts = vec![0; self.features()];
        self.inputs.iter().for_each(|feature| counts[*feature] += 1);
        counts
    }

    /// The number of layers of weights.
    pub fn layers(&self) -> usize {
        self.hidden.len() + 1
    }

    /// Whether the network is [`residual`](Self::residual).
    pub fn is_residual(&self) -> bool {
        self.residual
    }

    /// Whether an activation stands in front of a layer.
    pub fn activates(&self, layer: usize) -> bool {
        let enters_block = self.residual && !layer.is_multiple_of(2);
        layer > 0 && !(enters_block && (self.plain_entry || layer == self.hidden.len()))
    }

    /// Whether the outputs of the layer before the last one are added to those of a layer: it ends a block.
    pub fn ends_block(&self, layer: usize) -> bool {
        self.residual && layer > 0 && layer.is_multiple_of(2)
    }

    /// The degrees of inputs, hidden units and outputs.
    pub fn levels(&self) -> Vec<Vec<usize>> {
        let mut places = vec![0; self.features()];
        for (place, feature) in self.order.iter().enumerate() {
            places[*feature] = place;
        }
        let features = self.inputs.iter().map(|feature| places[*feature] + 1);
        let inputs = features.chain(std::iter::repeat_n(0, self.context));
        let mut levels = vec![inputs.collect()];
        levels.extend(self.hidden.iter().cloned());
        levels.push(
            self.outputs
                .iter()
                .map(|feature| places[*feature])
                .collect(),
        );
        levels
    }

    /// Of the weights of a layer, `[inputs, units]`, row by row: 1 where a unit sees an input, 0 elsewhere.
    pub fn mask(&self, layer: usize) -> Vec<f32> {
        let levels = self.levels();
        let (inputs, units) = (&levels[layer], &levels[layer + 1]);
        let row = |input| {
            units
                .iter()
                .map(move |unit| if sees(*unit, input) { 1.0 } else { 0.0 })
        };
        inputs.iter().flat_map(|input| row(*input)).collect()
    }

    /// The number of weights that are not masked.
    pub fn unmasked(&self) -> usize {
        let masks = (0..self.layers()).flat_map(|layer| self.mask(layer));
        masks.filter(|weight| *weight > 0.0).count()
    }

    /// The units of each level by degree.
    ///
    /// ```
    /// use thalweg_kernels::{Arrangement, Degrees};
    ///
    /// // Feature 1 comes first. No unit sees feature 0.
    /// let levels = Degrees::new(vec![1, 0], 0, 1, vec![vec![1, 1]]).arranged();
    /// assert_eq!(levels[0], Arrangement { units: vec![1], bounds: vec![0, 0, 1] });
    /// assert_eq!(levels[2], Arrangement { units: vec![1, 0], bounds: vec![0, 1, 2] });
    /// ```
    pub fn arranged(&self) -> Vec<Arrangement> {
        let features = self.features();
        let arrange = |degrees: &Vec<usize>| {
            let seen = |unit: &usize| degrees[*unit] < features;
            let mut units: Vec<usize> = (0..degrees.len()).filter(seen).collect();
            units.sort_by_key(|unit| degrees[*unit]);
            let below = |degree| units.partition_point(|unit| degrees[*unit] < degree);
            Arrangement {
                bounds: (0..=features).map(below).collect(),
                units,
            }
        };
        self.levels().iter().map(arrange).collect()
    }
}

/// Whether a unit of one degree sees one of another degree in the layer before.
fn sees(unit: usize, input: usize) -> bool {
    input <= unit
}
