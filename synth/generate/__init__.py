"""Problems become environments with a chat model: inputs, environment, solvers, each reply checked before it is believed.

Begin with generate.py. Every completion is kept (completions.py), so that a run can be replayed without any model.
"""
