"""The core of Outdial: rules decide, the store keeps, the pipeline acts."""
