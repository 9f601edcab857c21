//! NICE and the flows of the papers: configuration, model, one-file save and load
