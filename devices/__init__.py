"""What is out there: places, quantities, devices, readings, people. Pure, standard library only."""
