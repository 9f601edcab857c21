//! Pictures of what a flow learned: sample grids, curves, density maps
