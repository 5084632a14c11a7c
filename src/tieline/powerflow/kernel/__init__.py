"""The compiled solve: blocks of scenarios from inputs to voltages, at held positions of taps and capacitors."""
