"""What readers meet: the sentence, the charts, the page and the Python interface.

Every title and sentence is computed from the results and has a tested branch for each way they may turn out. Nothing
here simulates or prices anything.
"""
