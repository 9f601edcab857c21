//! Layers that are put together.

use std::mem::take;
use std::ops::Range;

use super::super::Ordered;
use super::{ChannelMap, ImageLayer};
use crate::Split;

/// The layers of a bijection of images, first to last, and what the images are like behind them.
#[derive(Debug)]
pub struct ImageLayers {
    shape: [usize; 3],
    images: usize,
    layers: Vec<Box<dyn ImageLayer>>,
    /// The last map of channels, which another may join.
    map: Option<ChannelMap>,
    /// Of the numbers of an image, those that left at each scale, finest first.
    left: Vec<Range<usize>>,
}

impl ImageLayers {
    /// No layers yet, for images `[channels, height, width]`, so many at a time.
    pub fn new(shape: [usize; 3], images: usize) -> Self {
        Self {
            shape,
            images,
            layers: vec![],
            map: None,
            left: vec![],
        }
    }

    /// `[channels, height, width]` behind the layers.
    pub fn shape(&self) -> [usize; 3] {
        self.shape
    }

    /// Height times width.
    pub fn positions(&self) -> usize {
        self.shape[1] * self.shape[2]
    }

    /// Numbers of an image behind the layers.
    pub fn numbers(&self) -> usize {
        self.shape.iter().product()
    }

    /// How many images at a time.
    pub fn images(&self) -> usize {
        self.images
    }

    /// Adds a layer that keeps the shape.
    pub fn add(&mut self, layer: impl ImageLayer + 'static) {
        self.add_map();
        self.layers.push(Box::new(layer));
    }

    /// Adds a layer that keeps the numbers in another shape.
    pub(super) fn reshape(&mut self, layer: impl ImageLayer + 'static, shape: [usize; 3]) {
        self.add(layer);
        self.shape = shape;
    }

    /// Adds a map of the channels. A scale of each and a matrix behind it are one map.
    ///
    /// # Panics
    ///
    /// When it is one of another number of channels.
    pub fn map(&mut self, map: ChannelMap) {
        let channels = self.shape[0];
        assert!(
            map.channels() == channels,
            "a map of {} channels got images of {channels}, {:?}",
            map.channels(),
            self.shape
        );
        self.map = match take(&mut self.map) {
            Some(before) if before.joins(&map) => Some(before.then(map)),
            before => {
                self.map = before;
                self.add_map();
                Some(map)
            }
        };
    }

    fn add_map(&mut self) {
        let (each, positions) = (self.numbers(), self.positions());
        if let Some(map) = take(&mut self.map) {
            self.layers.push(Box::new(map.at_each(each, positions)));
        }
    }

    /// Adds another order of the channels, if it is one.
    pub(super) fn order_channels(&mut self, order: &[usize]) {
        if !order.is_sorted() {
            let positions = self.positions();
            let numbers = |channel: &usize| channel * positions..(channel + 1) * positions;
            self.add(Ordered(order.iter().flat_map(numbers).collect()));
        }
    }

    /// What is not kept leaves: its channels stand behind those that stay.
    pub(super) fn leave(&mut self, split: Split) {
        let [channels, height, width] = self.shape;
        let [stays, leaves] = split.both(channels);
        let order: Vec<usize> = stays.iter().chain(leaves.iter()).collect();
        self.order_channels(&order);
        self.add_map();
        let before = self.numbers();
        self.shape = [stays.count, height, width];
        self.left.push(self.numbers()..before);
    }

    /// The layers; and of the numbers of an image, those of the latents of each scale, finest first.
    pub(super) fn finish(mut self) -> (Vec<Box<dyn ImageLayer>>, Vec<Range<usize>>) {
        self.add_map();
        let rest = 0..self.numbers();
        self.left.push(rest);
        (self.layers, self.left)
    }
}
