"""One seal's history and what stands against it. Pure: nothing here knows a database.

visits      how material came: when, from whom, where
examining   what of a submission is a seal's own word
dossier     all that is held about one seal
comparing   its history against itself: forks, set-backs, gaps
biography   its control chain as a life: who did what, what was sealed when
findings    what only a memory of the whole fleet can find
judging     findings and appraisal become a verdict
leads       what is unusual among all lives, and proves nothing
"""
